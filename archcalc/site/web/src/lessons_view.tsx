// The list of lessons, and the sheet of one.
import { useEffect, useState } from "preact/hooks";
import type { LessonData, LessonsData, Sheet } from "./lessons_data";
import { answerText } from "./lessons_answer";
import { digits } from "./format";
import { LessonPicture } from "./lessons_picture";
import { QuestionView } from "./lessons_question";
import { type SheetState, sheetAddress } from "./lessons_state";
import { plainLine } from "./lessons_words";

export function LessonsView({ data }: { data: LessonsData }) {
  return (
    <>
      <h1>Lessons</h1>
      <p class="subtitle">
        Worked examples of lectures on networks. The numbers stay hidden until you have answered, or ask for them; each
        comes with its derivation. Every lesson has further sheets with other numbers, the same for all who open them.
      </p>
      <ol class="lessons">
        {data.lessons.map((lesson) => (
          <li key={lesson.name}>
            <a href={`lessons/${lesson.name}.html`}>{lesson.title}</a>
            <p>{lesson.summary}</p>
          </li>
        ))}
      </ol>
    </>
  );
}

interface LessonViewProps {
  data: LessonData;
  /** The state of the address. It is asked for in the browser only: a page is written for the documented example. */
  begun: () => SheetState;
  /** Makes the sheet of a seed. */
  load: (seed: number) => Promise<Sheet>;
}

export function LessonView({ data, begun, load }: LessonViewProps) {
  const [state, setState] = useState<SheetState>({ seed: 0, answers: false });
  const [sheet, setSheet] = useState(data.sheet);
  const [problem, setProblem] = useState("");
  const isBehind = sheet.seed !== state.seed;

  useEffect(() => {
    const read = () => setState(begun());
    read();
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);
  useEffect(() => {
    let isWanted = true;
    setProblem("");
    const found = state.seed === 0 ? Promise.resolve(data.sheet) : load(state.seed);
    found.then(
      (made) => isWanted && setSheet(made),
      (error: unknown) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [state.seed]);

  function go(change: Partial<SheetState>) {
    const next = { ...state, ...change };
    history.pushState(null, "", location.pathname + sheetAddress(next));
    setState(next);
  }

  const place = data.lessons.findIndex((each) => each.name === sheet.name);
  return (
    <article class={state.answers ? "lesson with-answers" : "lesson"} data-seed={sheet.seed}>
      <p class="trail">
        <a href="../lessons.html">Lessons</a>
      </p>
      <h1>{sheet.title}</h1>
      <p class="subtitle">
        {sheet.summary} {sheet.seed ? `Sheet ${sheet.seed}.` : "The example of the documents."}
      </p>
      <p class="handed" aria-hidden="true">
        Name <span />
      </p>
      <SheetControls state={state} go={go} />
      <p class="problem" role="alert" hidden={!problem}>
        {problem}
      </p>
      <div class={isBehind && !problem ? "behind" : ""} aria-busy={isBehind && !problem}>
        <SheetView key={`${sheet.name}/${sheet.seed}`} sheet={sheet} isShown={state.answers} />
      </div>
      <nav class="turn" aria-label="Lessons">
        {data.lessons[place - 1] && <a href={`${data.lessons[place - 1]!.name}.html`}>← {data.lessons[place - 1]!.title}</a>}
        {data.lessons[place + 1] && <a href={`${data.lessons[place + 1]!.name}.html`}>{data.lessons[place + 1]!.title} →</a>}
      </nav>
    </article>
  );
}

function SheetControls({ state, go }: { state: SheetState; go: (change: Partial<SheetState>) => void }) {
  const link = (change: Partial<SheetState>, text: string, isHere = false) => (
    <a
      href={sheetAddress({ ...state, ...change }) || "?"}
      aria-current={isHere ? "true" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(change);
      }}
    >
      {text}
    </a>
  );
  return (
    <nav class="sheets" aria-label="Sheets">
      {link({ seed: 0 }, "Example", state.seed === 0)}
      {state.seed > 1 ? link({ seed: state.seed - 1 }, "← previous sheet") : null}
      <label>
        sheet
        <input
          type="number"
          name="seed"
          min={0}
          max={999999}
          value={state.seed}
          onChange={(event) => {
            const text = event.currentTarget.value;
            if (/^\d{1,6}$/.test(text)) go({ seed: Number(text) });
          }}
        />
      </label>
      {link({ seed: state.seed + 1 }, "next sheet →")}
      {link({ answers: !state.answers }, state.answers ? "Hide all answers" : "Show all answers")}
      <button type="button" onClick={() => print()}>
        Print
      </button>
    </nav>
  );
}

function SheetView({ sheet, isShown }: { sheet: Sheet; isShown: boolean }) {
  const [open, setOpen] = useState<Record<string, boolean>>({});
  const right = Object.values(open).filter(Boolean).length;
  const isOpen = (key: string) => isShown || key in open;
  const opened = (key: string, isRight: boolean) => setOpen((before) => ({ ...before, [key]: before[key] || isRight }));
  return (
    <>
      {sheet.text.map((paragraph) => (
        <p key={paragraph} class="task">
          {paragraph}
        </p>
      ))}
      {sheet.steps.length > 0 && <LessonPicture steps={sheet.steps} isOpen={isOpen} />}
      {sheet.grid && <GridView sheet={sheet} isOpen={isOpen} />}
      <ol class="questions">
        {sheet.questions.map((question) => (
          <QuestionView key={question.key} question={question} isShown={isShown} opened={opened} />
        ))}
      </ol>
      <p class="progress" aria-live="polite">
        {right ? `${right} of ${sheet.questions.length} right.` : ""}
      </p>
      <Sources sheet={sheet} />
    </>
  );
}

function GridView({ sheet, isOpen }: { sheet: Sheet; isOpen: (key: string) => boolean }) {
  const { caption, columns, rows } = sheet.grid!;
  const isNumber = columns.map((_, place) => rows.every((row) => typeof row[place] !== "string" || row[place] === ""));
  return (
    <div class="frame" tabIndex={0} role="region" aria-label={caption}>
      <table class="blanks">
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th key={column} scope="col" class={isNumber[place] ? "right" : ""}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => {
                const key = typeof cell === "object" ? cell.blank : "";
                const question = key && sheet.questions.find((each) => each.key === key);
                return (
                  <td key={place} class={isNumber[place] ? "right" : ""}>
                    {question ? (
                      isOpen(key) ? (
                        <b>{answerText(question)}</b>
                      ) : (
                        <a class="blank" href={`#question-${key}`} aria-label={`to the question: ${question.ask}`}>
                          ?
                        </a>
                      )
                    ) : typeof cell === "number" ? (
                      digits(cell)
                    ) : (
                      String(cell)
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sources({ sheet }: { sheet: Sheet }) {
  return (
    <section class="sources" aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      {sheet.seed > 0 && <p>These numbers are drawn by the number of the sheet; the example is that of the documents.</p>}
      <ul>
        {sheet.sources.map((source) => (
          <li key={`${source.document}:${source.line}`}>
            Document {source.document} ({source.title}), line {source.line}
            {source.text && (
              <>
                : <q>{plainLine(source.text)}</q>
              </>
            )}
          </li>
        ))}
      </ul>
      {sheet.network && (
        <p>
          <a href={`../networks/${sheet.network}.html`}>All numbers of {sheet.network}</a>
        </p>
      )}
    </section>
  );
}
