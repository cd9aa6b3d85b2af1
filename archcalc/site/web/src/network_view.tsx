// A network: the same for one of the catalogue and for one's own.
import { useEffect, useState } from "preact/hooks";
import { Choice, Controls } from "./controls";
import { Copying } from "./copying";
import { CostTable, LEVELS, ownLevel } from "./cost_table";
import type { About, Level, NetworkPage, Times } from "./data";
import { Derivation } from "./derivation";
import { type EngineState, onEngineState } from "./engine";
import { Evidence } from "./evidence";
import { digits, fixed, human, humanBytes, humanSeconds } from "./format";
import { Forms } from "./forms";
import { Lazy } from "./lazy";
import { type Asked, type Live, useLive, useTimes } from "./live";
import { type State, writeState } from "./state";
import { tableCopies } from "./table_copies";

export interface NetworkData {
  page: NetworkPage;
  /** Null for one's own network. */
  about: About | null;
  conventions: string[];
  devices: string[];
  version: string;
}

interface NetworkViewProps {
  data: NetworkData;
  asked: Asked;
  begun: () => State;
}

export function NetworkView({ data, asked, begun }: NetworkViewProps) {
  const live = useLive(data.page, asked, begun);
  const { page, state, values, change } = live;
  const { times, problem } = useTimes(live, asked);
  const level = state.level && page.levels[state.level] ? state.level : ownLevel(page);
  useEffect(() => {
    if (live.begun) history.replaceState(null, "", location.pathname + writeState(data.page, state) + location.hash);
  }, [state, live.begun]);
  return (
    <>
      <Heading about={data.about} name={page.name} />
      <Controls page={page} state={state} change={change} conventions={data.conventions} devices={data.devices} />
      <Status live={live} problem={problem} />
      <div aria-busy={live.behind} class={live.behind ? "behind" : ""}>
        <Totals live={live} times={times} />
        <Lazy load={() => import("./picture").then((part) => part.Picture)} height="42rem" given={{ live, asked }} />
        <section aria-labelledby="by-layer">
          <div class="heading">
            <h2 id="by-layer">Costs by {level}</h2>
            <Choice
              label="a row for each"
              value={level}
              options={LEVELS.filter((each) => page.levels[each] || each === "operation")}
              pick={(chosen) => change({ level: chosen as Level })}
            />
          </div>
          <CostTable
            page={page}
            values={values}
            level={level}
            times={times}
            exact={live.begun}
            faulty={live.problem?.row}
          />
          <p class="remark" id="derivable">
            A click on a number, or Enter, shows how it follows from the formulas; arrow keys go from number to number.
          </p>
          <Copying ways={tableCopies(live, asked, data.page, level)} />
          {[...page.remarks, ...(times?.remarks ?? [])].map((remark) => (
            <p class="remark" key={remark}>
              {remark}
            </p>
          ))}
        </section>
        <Lazy load={() => import("./field").then((part) => part.FieldView)} height="36rem" given={{ live }} />
      </div>
      <Forms live={live} asked={asked} first={data.page} />
      {data.about && <Evidence about={data.about} />}
      <Derivation live={live} asked={asked} first={data.page} />
    </>
  );
}

function Heading({ about, name }: { about: About | null; name: string }) {
  return (
    <>
      {about ? <h1>{about.title}</h1> : <h2 class="title">{name}</h2>}
      {about && (
        <p class="subtitle">
          <code>{name}</code>: {about.summary}. {about.authors} {about.year}, {about.paper}.
        </p>
      )}
    </>
  );
}

/** An error, in the words of the command line; or that the engine works. */
function Status({ live, problem }: { live: Live; problem: string }) {
  const [engine, setEngine] = useState<[EngineState, number]>(["off", 0]);
  useEffect(() => onEngineState((state, progress) => setEngine([state, progress])), []);
  const message = live.problem?.message ?? problem;
  const waits = live.behind && !live.problem;
  return (
    <div class="status">
      <p class="problem" role="alert">
        {message}
      </p>
      <p class="remark" role="status">
        {waits && (engine[0] === "ready" ? "archcalc computes …" : loading(engine[1]))}
      </p>
    </div>
  );
}

/** Words for a part of the engine that has come; when all has, Python starts. */
function loading(progress: number): string {
  return progress < 1 ? `archcalc is loading … ${Math.round(100 * progress)} %` : "archcalc starts …";
}

function Totals({ live, times }: { live: Live; times: Times | null }) {
  const { page, values } = live;
  const moved = page.totals["bytes_moved"];
  const batch = live.state.values["N"] ?? page.variables["N"]?.value ?? 1;
  const perByte = moved === undefined ? 0 : (Number(values.of(page.totals["mult_adds"]!)) * batch) / Number(values.of(moved));
  return (
    <dl class="totals" aria-label="Totals">
      {Object.entries(page.totals).map(([key, ref]) => {
        const value = values.of(ref);
        const label = page.labels[key]!;
        return (
          <div key={key} data-total={key} data-value={String(value)} title={label.meaning}>
            <dt>{label.label}</dt>
            <dd title={`${digits(value)} ${label.unit}`}>
              <button type="button" class="number">
                {label.unit === "bytes" ? humanBytes(value) : human(value)}
              </button>
            </dd>
          </div>
        );
      })}
      {page.convention && (
        <div data-total="counted" data-value={String(values.of(page.convention.total))} title={page.convention.summary}>
          <dt>
            {page.convention.unit.split(" (")[0]}, {page.convention.name}
          </dt>
          <dd title={`${digits(values.of(page.convention.total))} ${page.convention.unit}`}>
            {page.convention.quantity === "memory"
              ? humanBytes(values.of(page.convention.total))
              : human(values.of(page.convention.total))}
          </dd>
        </div>
      )}
      {perByte > 0 && (
        <div title="mult-adds for each byte moved">
          <dt>intensity</dt>
          <dd>{fixed(perByte, perByte < 10 ? 2 : 1)}</dd>
        </div>
      )}
      {times && (
        <div data-total="latency" title={`Seconds of a batch on ${times.device_name}`}>
          <dt>time, {times.device_name}</dt>
          <dd>{humanSeconds(times.seconds)}</dd>
        </div>
      )}
    </dl>
  );
}
