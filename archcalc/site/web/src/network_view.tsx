// A network: the same for one of the catalogue and for one's own.
import { useEffect } from "preact/hooks";
import { Controls, Choice } from "./controls";
import { CostTable, LEVELS, ownLevel } from "./cost_table";
import type { About, Level, NetworkPage } from "./data";
import { digits, human, humanBytes } from "./format";
import { type Asked, useLive } from "./live";
import { type State, writeState } from "./state";

export interface NetworkData {
  page: NetworkPage;
  /** Null for one's own network. */
  about: About | null;
  conventions: string[];
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
  const level = state.level && page.levels[state.level] ? state.level : ownLevel(page);
  useEffect(() => {
    if (live.begun) history.replaceState(null, "", location.pathname + writeState(data.page, state) + location.hash);
  }, [state, live.begun]);
  return (
    <>
      <h1>{data.about?.title ?? page.name}</h1>
      {data.about && (
        <p class="subtitle">
          <code>{page.name}</code>, {data.about.summary}. {data.about.authors} {data.about.year}.
        </p>
      )}
      <Controls page={page} state={state} change={change} conventions={data.conventions} />
      <p class="problem" role="alert" hidden={!live.problem}>
        {live.problem?.message}
      </p>
      <section aria-label="Totals" aria-busy={live.behind} class={live.behind ? "behind" : ""}>
        <dl class="totals" aria-live="polite">
          {Object.entries(page.totals).map(([key, ref]) => {
            const value = values.of(ref);
            const label = page.labels[key]!;
            return (
              <div key={key} data-total={key} data-value={String(value)} title={label.meaning}>
                <dt>{label.label}</dt>
                <dd title={`${digits(value)} ${label.unit}`}>{label.unit === "bytes" ? humanBytes(value) : human(value)}</dd>
              </div>
            );
          })}
        </dl>
      </section>
      <section aria-labelledby="by-layer" aria-busy={live.behind} class={live.behind ? "behind" : ""}>
        <h2 id="by-layer">Costs</h2>
        <Choice
          label="rows"
          value={level}
          options={LEVELS.filter((each) => page.levels[each])}
          pick={(chosen) => change({ level: chosen as Level })}
        />
        <CostTable page={page} values={values} level={level} />
        {page.remarks.map((remark) => (
          <p class="remark" key={remark}>
            {remark}
          </p>
        ))}
      </section>
    </>
  );
}
