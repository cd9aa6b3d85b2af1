// Why two counts of one network differ: the steps from one convention to another, as a waterfall, and all totals.
import { CopyTable } from "./compare_copy";
import type { ConventionLine, Reconciliation, Step } from "./compare_data";
import type { Answered } from "./compare_live";
import type { CompareState } from "./compare_state";
import { levelsOf, ratioText, signedDigits } from "./compare_text";
import { digits, human, percent } from "./format";

interface StepsProps {
  found: Answered<Reconciliation>;
  names: string[];
  state: CompareState;
  change: (change: Partial<CompareState>) => void;
  /** False for the page as it is written, whose lists have what is chosen only. */
  ready: boolean;
  /** True while the totals of all conventions are shown, and what changes that. */
  all: boolean;
  seeAll: (all: boolean) => void;
}

const COUNTS: Record<string, string> = { work: "work", parameters: "parameters", memory: "memory" };

export function Steps({ found, names, state, change, ready, all, seeAll }: StepsProps) {
  const { answer, behind, problem } = found;
  const start = answer?.lines[0];
  const end = answer?.lines.find((line) => line.name === state.to) ?? (answer?.names.includes(state.to) ? undefined : answer?.lines[1]);
  const steps = answer && end ? answer.waterfalls[end.name] : undefined;
  return (
    <section aria-labelledby="steps" aria-busy={behind} id="reconcile">
      <h2 id="steps">Why counts differ</h2>
      <p class="remark">
        Papers and tools count the same network in different ways. The steps lead from one count to another, and add up
        exactly.
      </p>
      <form class="controls" aria-label="Conventions" onSubmit={(event) => event.preventDefault()}>
        {names.length > 1 && (
          <label>
            network
            <select name="of" value={String(state.of)} onChange={(event) => change({ of: Number(event.currentTarget.value) })}>
              {names.map((name, place) => (
                <option key={place} value={String(place)}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {answer && (
          <>
            <label>
              from
              <select name="from" value={start!.name} onChange={(event) => change(begun(answer, event.currentTarget.value, state.to))}>
                {Object.entries(COUNTS).map(([quantity, word]) => (
                  <optgroup key={quantity} label={word}>
                    {startsOf(answer, quantity).filter((name) => ready || name === start!.name).map((name) => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                ))}
              </select>
            </label>
            <label>
              to
              <select name="to" value={end?.name ?? state.to} onChange={(event) => change({ to: event.currentTarget.value })}>
                {answer.names.slice(1).filter((name) => ready || name === end?.name).map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" onClick={() => end && change({ from: end.name, to: start!.name })}>
              Swap
            </button>
          </>
        )}
      </form>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {behind && !steps && <p class="remark">The conventions are being counted.</p>}
      {answer && start && end && steps && (
        <div class={behind ? "behind" : ""}>
          <Waterfall answer={answer} start={start} end={end} steps={steps} />
        </div>
      )}
      {answer && (
        <div class={behind ? "behind" : ""}>
          <details open={all} onToggle={(event) => seeAll(event.currentTarget.open)}>
            <summary>All {answer.names.length} conventions</summary>
            {all && answer.lines.length === answer.names.length && <Conventions answer={answer} to={end?.name ?? ""} choose={(to) => change({ to })} />}
          </details>
        </div>
      )}
    </section>
  );
}

/** The conventions that steps can begin at: all, and for the present quantity, those on implementations. */
function startsOf(answer: Reconciliation, quantity: string): string[] {
  if (quantity === answer.quantity) return [...answer.names].sort();
  return Object.entries(answer.starts).flatMap(([name, counts]) => (counts === quantity ? [name] : [])).sort();
}

/** The change to another start; the end stays if both count the same. */
function begun(answer: Reconciliation, from: string, to: string): Partial<CompareState> {
  if (from === to) return { from, to: answer.lines[0]!.name };
  return { from };
}

interface WaterfallProps {
  answer: Reconciliation;
  start: ConventionLine;
  end: ConventionLine;
  steps: Step[];
}

function Waterfall({ answer, start, end, steps }: WaterfallProps) {
  const amounts = steps.map((step) => BigInt(step.amount));
  const levels = levelsOf(amounts);
  const low = levels.reduce((one, other) => (other < one ? other : one), 0n);
  const high = levels.reduce((one, other) => (other > one ? other : one), 0n);
  const at = (level: bigint) => (high === low ? 0 : (100 * Number(level - low)) / Number(high - low));
  const caption = `${answer.name}${answer.settings.map((each) => `, ${each}`).join("")}, input ${answer.input}: from ${start.name} to ${end.name}`;
  const total = BigInt(end.total) - BigInt(start.total);
  return (
    <>
      <div class="frame" tabIndex={0} role="region" aria-label="Table of steps">
        <table class="waterfall" id="waterfall">
          <caption>{caption}, for one {answer.example}</caption>
          <thead>
            <tr>
              <th scope="col">step</th>
              <th scope="col" class="chart">added to {start.name}</th>
              <th scope="col" class="right">amount</th>
            </tr>
          </thead>
          <tbody>
            <tr class="end">
              <th scope="row">{start.name}</th>
              <td class="chart">
                <Bar from={at(0n)} to={at(0n)} zero={at(0n)} next={at(0n)} kind="start" text="the start" />
              </td>
              <td class="right" data-value={String(start.total)}>
                {digits(BigInt(start.total))} <small>{start.unit}</small>
              </td>
            </tr>
            {steps.map((step, place) => (
              <tr key={place}>
                <th scope="row">
                  {step.words.replace(/^- /, "− ")}
                  <small>
                    {step.why}.{step.reason && ` ${step.bug ? "A bug of the tool: " : ""}${step.reason}.`}
                  </small>
                </th>
                <td class="chart">
                  <Bar
                    from={at(levels[place]!)}
                    to={at(levels[place + 1]!)}
                    zero={at(0n)}
                    next={at(levels[place + 1]!)}
                    kind={`${amounts[place]! > 0n ? "gain" : "loss"}${step.bug ? " bug" : ""}`}
                    text={`${signedDigits(amounts[place]!)}: from ${signedDigits(levels[place]!)} to ${signedDigits(levels[place + 1]!)}`}
                  />
                </td>
                <td class="right" data-value={String(step.amount)}>
                  {signedDigits(amounts[place]!).replace("-", "−")}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr class="end">
              <th scope="row">{end.name}</th>
              <td class="chart">
                <Bar from={at(0n)} to={at(levels.at(-1)!)} zero={at(0n)} next={null} kind="sum" text={`${signedDigits(total)} in all`} />
              </td>
              <td class="right" data-value={String(end.total)}>
                {digits(BigInt(end.total))} <small>{end.unit}</small>
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {!steps.length && <p class="remark">Both count the same.</p>}
      <p class="remark">
        {end.name}: {end.summary}.
        {total ? ` It counts ${digits(total < 0n ? -total : total)} ${total > 0n ? "more" : "less"} than ${start.name}${shareOf(total, BigInt(start.total))}.` : ""}
      </p>
      <CopyTable
        caption={caption}
        headings={["step", "amount", "explanation"]}
        rows={() => [
          [start.name, String(start.total), start.unit],
          ...steps.map((step) => [step.words, String(step.amount), step.why + (step.reason ? `; ${step.reason}` : "")]),
          [end.name, String(end.total), end.unit],
        ]}
      />
    </>
  );
}

/** A difference in per cent of the start, in parentheses. */
function shareOf(difference: bigint, start: bigint): string {
  return start ? ` (${percent(difference < 0n ? -difference : difference, start)} %)` : "";
}

interface BarProps {
  from: number;
  to: number;
  zero: number;
  /** Where the next step begins; null for the last. */
  next: number | null;
  kind: string;
  text: string;
}

/** A step from one level to another, in hundredths of the width, with thin lines to the start and to the next step. */
function Bar({ from, to, zero, next, kind, text }: BarProps) {
  return (
    <svg class={kind} role="img" aria-label={text} width="100%" height="100%">
      <title>{text}</title>
      <line class="zero" x1={`${zero}%`} x2={`${zero}%`} y1="0" y2="100%" />
      {next !== null && <line class="next" x1={`${next}%`} x2={`${next}%`} y1="50%" y2="100%" />}
      <rect x={`${Math.min(from, to)}%`} width={`${Math.max(Math.abs(to - from), 0.4)}%`} y="20%" height="60%" />
    </svg>
  );
}

interface ConventionsProps {
  answer: Reconciliation;
  to: string;
  choose: (name: string) => void;
}

function Conventions({ answer, to, choose }: ConventionsProps) {
  const [start] = answer.lines;
  const bugs = answer.lines.some((line) => BigInt(line.bugs));
  return (
    <>
      <div class="frame" tabIndex={0} role="region" aria-label="Table of conventions">
        <table class="conventions" id="conventions">
          <thead>
            <tr>
              <th scope="col">convention</th>
              <th scope="col" class="right">total</th>
              <th scope="col" class="right">×</th>
              <th scope="col">unit</th>
              {bugs && <th scope="col" class="right">bugs</th>}
              <th scope="col">left out</th>
            </tr>
          </thead>
          <tbody>
            {answer.lines.map((line) => (
              <tr key={line.name} class={line.name === to ? "lit" : ""} data-row={line.name}>
                <th scope="row">
                  {line === start ? (
                    line.name
                  ) : (
                    <button type="button" class="plain" aria-pressed={line.name === to} onClick={() => choose(line.name)}>
                      {line.name}
                    </button>
                  )}
                </th>
                <td class="right" data-value={String(line.total)} title={digits(BigInt(line.total))}>
                  {human(BigInt(line.total))}
                </td>
                <td class="right">{ratioText(BigInt(line.total), BigInt(start!.total))}</td>
                <td>{line.unit}</td>
                {bugs && <td class="right">{BigInt(line.bugs) ? signedDigits(BigInt(line.bugs)).replace("-", "−") : ""}</td>}
                <td class="words">{line.left_out}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="remark">
        Counts of {answer.name}, input {answer.input}, for one {answer.example}. ×: the ratio to {start!.name}. Left out:
        operations that the convention does not count. {bugs && "Bugs: the part of the total that comes from mistakes of the tool. "}
        {answer.models.length > 0 && `@: counted in an implementation, where it differs: ${answer.models.join("; ")}.`}
      </p>
      <CopyTable
        caption={`${answer.name}, input ${answer.input}: counts by convention`}
        headings={["convention", "total", "unit", "bugs", "left out"]}
        rows={() => answer.lines.map((line) => [line.name, String(line.total), line.unit, BigInt(line.bugs) ? String(line.bugs) : "", line.left_out])}
      />
    </>
  );
}
