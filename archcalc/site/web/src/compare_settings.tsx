// The fields of the page that compares networks: which networks, with what settings, and what they share.
import { useState } from "preact/hooks";
import type { Network } from "./catalogue_data";
import type { Compared } from "./compare_live";
import { Picker } from "./compare_picker";
import { type Chosen, type CompareState, MOST } from "./compare_state";
import { Choice } from "./controls";
import type { Hyperparameter } from "./data";

interface FieldsProps {
  networks: Compared[];
  state: CompareState;
  change: (change: Partial<CompareState>) => void;
}

export function Chooser({ networks, state, change, rows, begin }: FieldsProps & { rows: Network[]; begin: () => void }) {
  const put = (place: number, network: Partial<Chosen>) =>
    change({ networks: state.networks.map((each, at) => (at === place ? { ...each, ...network } : each)) });
  return (
    <div class="chosen" role="group" aria-label="Networks">
      {state.networks.map((each, place) => {
        const network = networks[place]!;
        return (
          <section key={place} aria-label={`Network ${place + 1}`}>
            <Picker
              label={place ? `network ${place + 1}` : "network 1, the one compared to"}
              value={each.name}
              rows={rows}
              begin={begin}
              pick={(name) => put(place, { name, settings: {}, size: "" })}
            />
            <p class="of">
              {network.base ? <a href={`networks/${each.name}.html`}>{network.title}</a> : <span>…</span>}
              <span class="actions">
                {place > 0 && (
                  <button type="button" class="plain" onClick={() => change({ networks: [each, ...state.networks.filter((_, at) => at !== place)] })}>
                    first<span class="hidden">: compare to {network.title}</span>
                  </button>
                )}
                {state.networks.length > 1 && (
                  <button type="button" class="plain" onClick={() => change({ networks: state.networks.filter((_, at) => at !== place), of: 0 })}>
                    remove<span class="hidden"> {network.title}</span>
                  </button>
                )}
              </span>
            </p>
            {network.problem && (
              <p class="problem" role="alert">
                {network.problem}
              </p>
            )}
            {network.base && <Own network={network} chosen={each} put={(own) => put(place, own)} />}
          </section>
        );
      })}
      {state.networks.length < MOST && (
        <section key="another" aria-label="Another network">
          <Picker
            label="add a network"
            value=""
            rows={rows}
            begin={begin}
            pick={(name) => change({ networks: [...state.networks, { name, size: "", settings: {} }] })}
          />
        </section>
      )}
    </div>
  );
}

/** The settings of one network. */
function Own({ network, chosen, put }: { network: Compared; chosen: Chosen; put: (own: Partial<Chosen>) => void }) {
  const changed = Object.keys(chosen.settings).length + (chosen.size ? 1 : 0);
  const [open, setOpen] = useState(changed > 0);
  const set = (name: string, value: string) => {
    const { [name]: _before, ...others } = chosen.settings;
    put({ settings: value === "" ? others : { ...others, [name]: value } });
  };
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>settings{changed ? ` (${changed} changed)` : ""}</summary>
      {open && <div class="controls">
        <label>
          own size
          <input
            type="text"
            name="size"
            placeholder="as all"
            value={chosen.size}
            onInput={(event) => {
              const size = event.currentTarget.value.trim();
              if (/^(\d+(x\d+)*)?$/.test(size)) put({ size });
            }}
          />
        </label>
        {network.base!.hyperparameters.map((option) => (
          <Setting key={option.name} option={option} value={chosen.settings[option.name]} set={(value) => set(option.name, value)} />
        ))}
      </div>}
    </details>
  );
}

interface SettingProps {
  option: Hyperparameter;
  value: string | undefined;
  set: (value: string) => void;
}

function Setting({ option, value, set }: SettingProps) {
  const present = option.value === null ? "" : String(option.value);
  if (option.kind === "choice" || option.kind === "switch") {
    const options = option.kind === "switch" ? ["false", "true"] : option.choices.map((each) => (each === null ? "" : String(each)));
    const pick = (chosen: string) => set(chosen === present ? "" : chosen);
    return <Choice label={option.name} value={value ?? present} options={options} pick={pick} title={option.meaning} />;
  }
  return (
    <label title={`${option.meaning} (${option.range})`}>
      {option.name}
      <input type="text" name={option.name} placeholder={present} value={value ?? ""} onInput={(event) => set(event.currentTarget.value.trim())} />
    </label>
  );
}

const DTYPES = ["float32", "float16", "bfloat16", "float64", "int8"];

/** What all networks share. */
export function Shared({ networks, state, change, conventions }: FieldsProps & { conventions: string[] }) {
  const example = networks.find((each) => each.base)?.base;
  return (
    <form class="controls" aria-label="Shared settings" onSubmit={(event) => event.preventDefault()}>
      <label>
        size of all
        <input
          type="text"
          name="size"
          inputMode="numeric"
          placeholder="each its own"
          value={state.size}
          onInput={(event) => {
            const size = event.currentTarget.value.trim();
            if (/^\d*(x\d*)*$/.test(size)) change({ size });
          }}
        />
      </label>
      <label>
        batch
        <input
          type="number"
          name="batch"
          min={1}
          value={state.batch}
          onInput={(event) => {
            if (/^\d+$/.test(event.currentTarget.value)) change({ batch: event.currentTarget.value });
          }}
        />
      </label>
      <Choice label="dtype" value={state.dtype} options={DTYPES} pick={(dtype) => change({ dtype })} />
      <Choice label="convention" value={state.convention} options={conventions} pick={(convention) => change({ convention })} />
      {example && state.size === "" && <span class="remark">Without a size, each network has its own input.</span>}
    </form>
  );
}
