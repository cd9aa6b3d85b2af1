// One question of a sheet: a field for the reader's answer, what is said to it, and the answer with its derivation.
import { useEffect, useState } from "preact/hooks";
import { answerText, check, type Outcome } from "./lessons_answer";
import type { Printed, Question } from "./lessons_data";
import { digits } from "./format";
import { LessonDerivation } from "./lessons_derivation";

interface QuestionProps {
  question: Question;
  /** True if all answers of the sheet are shown. */
  isShown: boolean;
  /** Called when the answer may be seen: it is right, or the reader asked for it. */
  opened: (key: string, isRight: boolean) => void;
}

export function QuestionView({ question, isShown, opened }: QuestionProps) {
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  // The reader's own choice, until all answers are shown or hidden.
  const [own, setOwn] = useState<boolean | null>(null);
  const isOpen = own ?? isShown;
  useEffect(() => setOwn(null), [isShown]);
  // Until the page is alive, derivations stand in it as text, for readers without scripts.
  const [isAlive, setAlive] = useState(false);
  useEffect(() => setAlive(true), []);
  const field = `answer-${question.key}`;
  return (
    <li class="question" id={`question-${question.key}`} data-question={question.key}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const found = check(question, text);
          setOutcome(found);
          if (found.kind === "right" || found.kind === "rounded") opened(question.key, true);
        }}
      >
        <label for={field}>{question.ask}</label>
        <div class="field">
          <input
            id={field}
            name={field}
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder={question.kind === "shape" ? "3x32x32" : ""}
            value={text}
            aria-describedby={`said-${question.key}`}
            aria-invalid={outcome?.kind === "wrong"}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setOutcome(null);
            }}
          />
          <span class="unit">{question.unit}</span>
          <button type="submit">Check</button>
          <output class="said"
            data-outcome={outcome?.kind} id={`said-${question.key}`} for={field} aria-live="polite">
            {outcome ? said(outcome) : ""}
          </output>
          <span class="line" aria-hidden="true" />
        </div>
      </form>
      <details
        class="answer"
        open={isOpen}
        onToggle={(event) => {
          const { open } = event.currentTarget;
          if (open === isOpen) return;
          setOwn(open);
          if (open) opened(question.key, false);
        }}
      >
        <summary>Answer</summary>
        <p class="result">
          <b data-value={answerText(question)}>{answerText(question)}</b> {question.unit}
          {question.kind === "ratio" && ` (${(question.answer as number[]).map((each) => digits(each)).join(" / ")})`}
        </p>
        {question.derivation && (!isAlive || isOpen) && (
          <LessonDerivation blocks={question.derivation.blocks} isPlain={!isAlive} />
        )}
        {question.printed.map((each) => (
          <PrintedFigure key={each.id} printed={each} />
        ))}
      </details>
    </li>
  );
}

function said(outcome: Outcome): string {
  switch (outcome.kind) {
    case "right":
      return "Right.";
    case "rounded":
      return `Right to the digits given; exactly ${outcome.exact}.`;
    case "wrong":
      return `Not right. ${outcome.hint}`;
    case "unread":
      return outcome.why;
  }
}

function PrintedFigure({ printed }: { printed: Printed }) {
  const isWrong = printed.verdict === "contradicted";
  return (
    <p class="printed" data-verdict={printed.verdict}>
      Document {printed.document}, line {printed.line}, prints <q>{printed.text}</q>
      {printed.comment && !isWrong ? ` (${printed.comment})` : ""}: {printed.verdict}
      {printed.verdict !== "exact" && /^\d+$/.test(printed.computed ?? "") && ` (computed: ${digits(BigInt(printed.computed!))})`}.
      {printed.reason ? ` ${printed.reason}` : ""}
    </p>
  );
}
