// The list of closed forms: each as mathematics, with its value at the sizes of the page.
import { useEffect, useState } from "preact/hooks";
import { commandOf } from "./command";
import { Copying } from "./copying";
import type { NetworkPage } from "./data";
import { ask, Superseded } from "./engine";
import { Waiting } from "./engine_waiting";
import { type Form, type FormLetter, type FormsData, lettersAt, valueOf } from "./form_value";
import { digits } from "./format";
import { rootOf } from "./frame";
import type { Asked, Live } from "./live";
import { Formula } from "./math";
import { requestOf, type State } from "./state";

export interface ListProps {
  live: Live;
  asked: Asked;
  first: NetworkPage;
}

export function FormsList({ live, asked, first }: ListProps) {
  const { data, problem } = useForms(live, asked);
  if (live.problem) return <p class="remark">There are none for these settings: {live.problem.message}</p>;
  if (problem) return <p class="problem">{problem}</p>;
  if (!data) return <Waiting what="The closed form" />;
  const symbols = symbolsOf(live);
  const letters = lettersAt(data, symbols);
  const names = data.letters.map((each) => each.symbol);
  const command = commandOf("formula", asked, first, live.state, names.length ? ["--symbols", names.join(",")] : []);
  return (
    <>
      <dl class="letters">
        {data.letters.map((each) => (
          <div key={each.symbol}>
            <dt>
              <Formula latex={definition(each)} text={each.definition} />
            </dt>
            <dd>
              {each.meaning}, here {symbols[each.symbol]}
              {letters && each.letter !== each.symbol && `: ${each.letter} = ${letters[each.letter]}`}
            </dd>
          </div>
        ))}
      </dl>
      {data.conditions.map((condition) => (
        <p class="remark" key={condition}>{`They hold where ${condition}.`}</p>
      ))}
      <ul class="list">
        {Object.entries(data.forms).map(([key, form]) => (
          <FormItem key={key} name={key} form={form} live={live} letters={letters} />
        ))}
      </ul>
      <p class="remark">
        A training step's peak is the largest of many polynomials:{" "}
        <code>{commandOf("formula", asked, first, live.state, ["--quantity", "training_step_bytes"])}</code> prints it.
      </p>
      <pre class="command">{command}</pre>
      <Copying
        ways={[
          { label: "command", what: "the command line", text: () => command },
          { label: "text", what: "the closed forms as text", text: () => asText(data) },
          { label: "LaTeX", what: "the closed forms as LaTeX", text: () => asLatex(data) },
        ]}
      />
    </>
  );
}

interface ItemProps {
  name: string;
  form: Form;
  live: Live;
  letters: Record<string, bigint> | null;
}

/** A form with its value here, which is the total of the page. */
function FormItem({ name, form, live, letters }: ItemProps) {
  const { page, values } = live;
  const label = page.labels[name]?.label ?? name.replaceAll("_", " ");
  const total = page.totals[name] === undefined ? null : values.of(page.totals[name]!);
  const value = letters && !live.behind ? valueOf(form, letters) : null;
  return (
    <li data-form={name} data-value={value === null ? undefined : String(value)}>
      <h3>{label}</h3>
      <Formula display breaks={form.terms.length === 1} latex={form.latex} text={form.text} />
      <p class="value">
        {value !== null && `= ${digits(value)} ${form.unit}`}
        {value !== null && total !== null && (
          <span class="remark">{` ${BigInt(total) === value ? "✓" : "✗"} total above: ${digits(total)}`}</span>
        )}
      </p>
    </li>
  );
}

/** The forms of the state: those of the site if they hold there, otherwise those that the engine makes. */
function useForms(live: Live, asked: Asked): { data: FormsData | null; problem: string } {
  const [found, setFound] = useState<{ data: FormsData; key: string } | null>(null);
  const [problem, setProblem] = useState("");
  const key = keyOf(live.state);
  const fits = found?.key === key && lettersAt(found.data, symbolsOf(live)) !== null;
  useEffect(() => {
    if (fits || live.problem) return;
    let waiting = true;
    load(live, asked, key === keyOf({ values: {}, settings: {} }) && found === null)
      .then((data) => waiting && (setFound({ data, key }), setProblem("")))
      .catch((error: unknown) => {
        if (waiting && !(error instanceof Superseded)) setProblem(error instanceof Error ? error.message : String(error));
      });
    return () => {
      waiting = false;
    };
  }, [fits, key, live.state, live.problem]);
  return { data: found?.data ?? null, problem };
}

async function load(live: Live, asked: Asked, unchanged: boolean): Promise<FormsData> {
  if (unchanged && "name" in asked) {
    const answer = await fetch(`${rootOf()}data/forms/${encodeURIComponent(asked.name)}.json`);
    if (answer.ok) {
      const data = (await answer.json()) as FormsData;
      if (lettersAt(data, symbolsOf(live))) return data;
    }
  }
  const { convention, ...given } = requestOf(live.page, live.state);
  return ask<FormsData>("forms", { ...asked, ...given }, "forms");
}

/** What forms are made for, beside the letters: they say nothing of other classes, channels, settings or types. */
function keyOf(state: State): string {
  const { K, C } = state.values;
  return JSON.stringify([state.settings, state.dtype ?? "", K ?? 0, C ?? 0]);
}

function symbolsOf({ page, state }: Live): Record<string, number> {
  const variables = Object.entries(page.variables).map(([name, each]) => [name, each.value] as const);
  return { N: 1, ...Object.fromEntries(variables), ...state.values };
}

function definition({ symbol, letter, period, residue, least, largest }: FormLetter): string {
  const rest = residue ? ` + ${residue}` : "";
  const bounds = largest === least ? `${letter} = ${least}` : `${letter} \\ge ${least}${largest ? `,\\ ${letter} \\le ${largest}` : ""}`;
  return symbol === letter ? bounds : `${symbol} = ${period === 1 ? "" : period}${letter}${rest},\\ ${bounds}`;
}

function asText(data: FormsData): string {
  const forms = Object.entries(data.forms).map(([key, form]) => `${key} = ${form.text} (${form.unit})`);
  return [...forms, ...data.letters.map((each) => `${each.definition}: ${each.meaning}`)].join("\n");
}

function asLatex(data: FormsData): string {
  const forms = Object.entries(data.forms).map(([key, form]) => `  \\text{${key.replaceAll("_", "\\_")}} &= ${form.latex}`);
  const letters = data.letters.map((each) => `  &${definition(each)}`);
  return ["\\begin{align*}", [...forms, ...letters].join(" \\\\\n"), "\\end{align*}"].join("\n");
}
