// The form above the catalogue: search, ranges, families, convention, data set and recipe.
import { useState } from "preact/hooks";
import type { Convention } from "./catalogue_columns";
import { DATASETS, HIGHEST, type Accuracies, type Network } from "./catalogue_data";
import type { CatalogueState, RangeKey } from "./catalogue_state";
import type { Found } from "./catalogue_filter";
import type { Range } from "./catalogue_words";

export type Change = (change: Partial<CatalogueState>, typed?: boolean) => void;

interface ControlsProps {
  state: CatalogueState;
  change: Change;
  networks: readonly Network[];
  problems: Found["problems"];
  conventions: readonly Convention[];
  accuracies: Accuracies | null;
}

const FIELDS: [RangeKey, string, string, string][] = [
  ["params", "parameters", "1M", "25M"],
  ["mult_adds", "mult-adds", "100M", "4G"],
  ["peak_inference_bytes", "peak memory", "1 MB", "16 MB"],
  ["training_step_bytes", "training step", "", "4 GB"],
  ["top1", "top-1 (%)", "75", ""],
  ["year", "year", "2012", "2018"],
  ["size", "input side", "224", "299"],
];

export function Controls({ state, change, networks, problems, conventions, accuracies }: ControlsProps) {
  const [open, setOpen] = useState(false);
  const set = Object.keys(state.ranges).length + Number(state.families.length > 0);
  return (
    <form role="search" class="catalogue-controls" aria-label="Find networks" onSubmit={(event) => event.preventDefault()}>
      <label class="query">
        search
        <input type="search" name="q" placeholder="resnet, Szegedy, VGG-16" autoComplete="off" spellcheck={false} value={state.query} onInput={(event) => change({ query: event.currentTarget.value }, true)} />
      </label>
      <Families state={state} change={change} networks={networks} />
      <Conventions state={state} change={change} conventions={conventions} />
      <Accuracy state={state} change={change} accuracies={accuracies} />
      <button type="button" class="more" aria-expanded={open} aria-controls="ranges" onClick={() => setOpen(!open)}>
        Filters{set > 0 && ` (${set})`}
      </button>
      <div id="ranges" class={open ? "ranges open" : "ranges"}>
        {FIELDS.map(([key, label, from, to]) => (
          <Ends key={key} name={key} label={key === "mult_adds" ? workOf(state, conventions) : label} hints={[from, to]} range={state.ranges[key]} problem={problems[key]} set={(range) => change({ ranges: replaced(state.ranges, key, range) }, true)} />
        ))}
      </div>
    </form>
  );
}

/** The word for the quantity that a convention of work counts. */
function workOf(state: CatalogueState, conventions: readonly Convention[]): string {
  const chosen = conventions.find(([name]) => name === state.convention);
  return chosen && chosen[1] === "work" ? chosen[2].replace(/ \(.*/, "") : "mult-adds";
}

function replaced(ranges: CatalogueState["ranges"], key: RangeKey, range: Range): CatalogueState["ranges"] {
  const { [key]: _, ...others } = ranges;
  return range.from || range.to ? { ...others, [key]: range } : others;
}

interface EndsProps {
  name: RangeKey;
  label: string;
  hints: [string, string];
  range: Range | undefined;
  problem: string | undefined;
  set: (range: Range) => void;
}

function Ends({ name, label, hints, range = { from: "", to: "" }, problem, set }: EndsProps) {
  const about = problem ? { "aria-invalid": true, "aria-describedby": `${name}-problem` } : {};
  return (
    <fieldset>
      <legend>{label}</legend>
      <input type="text" name={`${name}-from`} aria-label={`${label}, at least`} placeholder={hints[0]} autoComplete="off" value={range.from} {...about} onInput={(event) => set({ ...range, from: event.currentTarget.value })} />
      <span aria-hidden="true">to</span>
      <input type="text" name={`${name}-to`} aria-label={`${label}, at most`} placeholder={hints[1]} autoComplete="off" value={range.to} {...about} onInput={(event) => set({ ...range, to: event.currentTarget.value })} />
      {problem && (
        <p class="problem" id={`${name}-problem`} role="status">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

interface PartProps {
  state: CatalogueState;
  change: Change;
}

function Families({ state, change, networks }: PartProps & { networks: readonly Network[] }) {
  const [opened, setOpened] = useState(false);
  const counted = new Map<string, { title: string; number: number }>();
  for (const { family, familyTitle } of opened ? networks : []) {
    counted.set(family, { title: familyTitle, number: (counted.get(family)?.number ?? 0) + 1 });
  }
  const { families } = state;
  const title = families.length === 1 ? (networks.find((each) => each.family === families[0])?.familyTitle ?? families[0]) : `${families.length} families`;
  return (
    <details class="families" onToggle={(event) => setOpened(event.currentTarget.open)} onKeyDown={closeOnEscape}>
      <summary>{families.length ? title : "all families"}</summary>
      <div role="group" aria-label="Families">
        <button type="button" disabled={!families.length} onClick={() => change({ families: [] })}>
          All families
        </button>
        {[...counted].map(([family, { title, number }]) => (
          <label key={family}>
            <input type="checkbox" checked={families.includes(family)} onChange={(event) => change({ families: event.currentTarget.checked ? [...families, family] : families.filter((each) => each !== family) })} />
            <span>
              {title} <small>{number}</small>
            </span>
          </label>
        ))}
      </div>
    </details>
  );
}

function closeOnEscape(event: KeyboardEvent & { currentTarget: HTMLDetailsElement }): void {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary")?.focus();
}

function Conventions({ state, change, conventions }: PartProps & { conventions: readonly Convention[] }) {
  const groups = [
    ["work", "work"],
    ["parameters", "parameters"],
    ["memory", "memory"],
  ] as const;
  return (
    <label>
      counted as
      <select name="convention" value={state.convention} onChange={(event) => change({ convention: event.currentTarget.value })}>
        {groups.map(([quantity, label]) => (
          <optgroup key={quantity} label={label}>
            {conventions
              .filter((each) => each[1] === quantity)
              .map(([name]) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function Accuracy({ state, change, accuracies }: PartProps & { accuracies: Accuracies | null }) {
  const titles = new Map(accuracies?.recipes.map(([name, title]) => [name, title]));
  const found = Object.entries(accuracies?.points[state.dataset] ?? {}).filter(([name]) => name !== HIGHEST);
  found.sort(([, a], [, b]) => b.length - a.length);
  return (
    <>
      <label>
        accuracy on
        <select name="dataset" value={state.dataset} onChange={(event) => change({ dataset: event.currentTarget.value, recipe: HIGHEST })}>
          {DATASETS.map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        trained by
        <select name="recipe" value={state.recipe} onChange={(event) => change({ recipe: event.currentTarget.value })}>
          <option value={HIGHEST}>any recipe: the highest</option>
          {!accuracies && state.recipe !== HIGHEST && <option value={state.recipe}>{state.recipe}</option>}
          {found.map(([name, lines]) => (
            <option key={name} value={name}>
              {titles.get(name)} ({lines.length})
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
