// The derivation of a number, as `archcalc why` gives it, in a panel at the lower edge of the window.
import { useEffect, useRef, useState } from "preact/hooks";
import { commandOf } from "./command";
import { Copying } from "./copying";
import type { NetworkPage } from "./data";
import { type Answer, Blocks } from "./derivation_blocks";
import { countedOf, type Part, type Plan, planOf, type Target } from "./derived";
import { ask, Superseded } from "./engine";
import { Waiting } from "./engine_waiting";
import { digits } from "./format";
import type { Asked, Live } from "./live";
import { requestOf } from "./state";

export interface PanelProps {
  target: Target;
  live: Live;
  asked: Asked;
  first: NetworkPage;
  close: () => void;
  /** Show another number instead. */
  open: (target: Target) => void;
}

export function DerivationPanel({ target, live, asked, first, close, open }: PanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  const plan = planOf(target, live.page, live.values);
  useEffect(() => {
    panel.current?.focus();
  }, [target]);
  useEffect(() => {
    const root = document.documentElement;
    root.classList.add("derives");
    const pressed = (event: KeyboardEvent) => event.key === "Escape" && close();
    document.addEventListener("keydown", pressed);
    return () => {
      root.classList.remove("derives");
      document.removeEventListener("keydown", pressed);
    };
  }, []);
  return (
    <div class="derivation" role="dialog" aria-labelledby="derivation" tabIndex={-1} ref={panel}>
      <button type="button" class="close" aria-label="Close the derivation" onClick={close}>
        ×
      </button>
      {plan.kind === "none" && <Refused target={target} live={live} reason={plan.reason} />}
      {plan.kind === "sum" && <Sum target={target} plan={plan} live={live} open={open} />}
      {plan.kind === "derive" && <Derived plan={plan} target={target} live={live} asked={asked} first={first} />}
    </div>
  );
}

function Refused({ target, live, reason }: { target: Target; live: Live; reason: string }) {
  const { page, values } = live;
  const label = page.labels[target.column];
  const total = page.totals[target.column];
  return (
    <>
      <h2 id="derivation">{label?.label ?? target.column.replaceAll("_", " ")}</h2>
      {label && <p>{`${label.meaning[0]!.toUpperCase()}${label.meaning.slice(1)}.`}</p>}
      <p>{reason}</p>
      {total !== undefined && <p class="result">{`Result: ${digits(values.of(total))} ${label?.unit ?? ""}`}</p>}
    </>
  );
}

interface SumProps extends Pick<PanelProps, "target" | "live" | "open"> {
  plan: Plan & { kind: "sum" };
}

/** The number of a stage or a block: the sum over its layers, each of which can be derived in turn. */
function Sum({ target, plan, live, open }: SumProps) {
  const show = ({ name }: Part) => open({ row: name, column: target.column, inTable: target.inTable });
  return (
    <>
      <h2 id="derivation">{`${target.row}: the sum over its layers`}</h2>
      <div class="terms">
        <table>
          <thead>
            <tr>
              <th scope="col">layer</th>
              <th scope="col" class="right">
                {plan.unit}
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.parts.map((part) => (
              <tr key={part.name}>
                <th scope="row">{part.name}</th>
                <td class="right">
                  <button type="button" class="number" onClick={() => show(part)}>
                    {digits(part.value)}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="result">{`Result: ${digits(plan.total)} ${plan.unit}`}</p>
      <Differs target={target} live={live} value={String(plan.total)} />
    </>
  );
}

interface DerivedProps extends Omit<PanelProps, "close" | "open"> {
  plan: Plan & { kind: "derive" };
}

function Derived({ plan, target, live, asked, first }: DerivedProps) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState("");
  const [waits, setWaits] = useState(true);
  const { convention, ...request } = requestOf(live.page, live.state);
  const given = { ...asked, ...request, layer: plan.layer, quantity: plan.quantity };
  const key = JSON.stringify([request, plan.layer, plan.quantity]);
  useEffect(() => {
    let waiting = true;
    setWaits(true);
    ask<Answer>("why", given, "why")
      .then((found) => waiting && (setAnswer(found), setProblem(""), setWaits(false)))
      .catch((error: unknown) => {
        if (!waiting || error instanceof Superseded) return;
        setAnswer(null);
        setProblem(error instanceof Error ? error.message : String(error));
        setWaits(false);
      });
    return () => {
      waiting = false;
    };
  }, [key]);
  const command = commandOf("why", asked, first, live.state, [plan.layer, plan.quantity]);
  const as = (form: string) => () => ask<string>("why", { ...given, form }, "why as text");
  return (
    <div aria-busy={waits} class={waits && answer ? "behind" : ""}>
      <h2 id="derivation">{answer?.title ?? `${target.row}: ${plan.quantity.replaceAll("_", " ")}`}</h2>
      {plan.remark && <p>{plan.remark}</p>}
      {waits && !answer && <Waiting what="The derivation" />}
      <p class="problem" role="alert">
        {problem}
      </p>
      {answer && (
        <>
          <Blocks answer={answer} />
          <Differs target={target} live={live} value={String(answer.value)} />
          <pre class="command">{command}</pre>
          <Copying
            ways={[
              { label: "command", what: "the command line", text: () => command },
              { label: "text", what: "the derivation as text", text: as("text") },
              { label: "LaTeX", what: "the derivation as LaTeX", text: as("latex") },
              { label: "Markdown", what: "the derivation as Markdown", text: as("markdown") },
            ]}
          />
        </>
      )}
    </div>
  );
}

/** Says that the table shows another number, counted by a convention, where it does. */
function Differs({ target, live, value }: { target: Target; live: Live; value: string }) {
  const counted = countedOf(target, live.page, live.values);
  if (counted === null || String(counted) === value) return null;
  return (
    <p class="remark">
      {`The table shows ${digits(counted)}, counted by the convention ${live.page.convention!.name}; this is archcalc's own number.`}
    </p>
  );
}
