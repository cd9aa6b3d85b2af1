// The form above a network: sizes, batch, classes, type, hyperparameters and convention.
import type { Hyperparameter, NetworkPage } from "./data";
import { sizesOf, type State } from "./state";

interface ControlsProps {
  page: NetworkPage;
  state: State;
  change: (change: Partial<State>) => void;
  conventions: readonly string[];
  devices: readonly string[];
}

const NAMES: Record<string, string> = {
  H: "height",
  W: "width",
  D: "depth",
  L: "length",
  N: "batch",
  K: "classes",
  C: "channels",
};
const DTYPES = ["float32", "float16", "bfloat16", "float64", "int8"];

export function Controls({ page, state, change, conventions, devices }: ControlsProps) {
  const numbers = [...sizesOf(page), "N", "K", "C"].filter((name) => name in page.variables);
  const own = page.hyperparameters.filter((each) => !["classes", "in_channels"].includes(each.name));
  return (
    <form class="controls" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      {numbers.map((name) => (
        <label key={name}>
          {NAMES[name]}
          <input
            type="number"
            name={name}
            inputMode="numeric"
            value={state.values[name] ?? page.variables[name]!.value}
            onInput={(event) => {
              const text = event.currentTarget.value;
              if (/^\d+$/.test(text)) change({ values: { ...state.values, ...alike(page, state, name, Number(text)) } });
            }}
          />
        </label>
      ))}
      <Choice label="dtype" value={state.dtype ?? page.dtype} options={DTYPES} pick={(dtype) => change({ dtype })} />
      <Choice
        label="convention"
        value={state.convention ?? "mult_adds"}
        options={conventions}
        pick={(convention) => change({ convention })}
      />
      {devices.length > 0 && (
        <Choice
          label="device"
          value={state.device ?? ""}
          options={["", ...devices]}
          pick={(device) => change({ device })}
          title="The time of an inference by a roofline with measured efficiencies"
        />
      )}
      {isChanged(page, state) && (
        <button type="button" class="reset" onClick={() => change({ values: {}, settings: {}, dtype: "", convention: "", device: "" })}>
          As published
        </button>
      )}
      {own.length > 0 && (
        <details open={Object.keys(state.settings).length > 0}>
          <summary>Hyperparameters</summary>
          <div class="settings">
            {own.map((each) => (
              <Setting
                key={each.name}
                option={each}
                value={state.settings[each.name]}
                set={(value) => change({ settings: { ...state.settings, [each.name]: value } })}
              />
            ))}
          </div>
        </details>
      )}
    </form>
  );
}

/** A number that is given: the height of a square gives the width too. */
function alike(page: NetworkPage, state: State, name: string, value: number): Record<string, number> {
  const now = (axis: string) => state.values[axis] ?? page.variables[axis]?.value;
  return name === "H" && now("H") === now("W") ? { H: value, W: value } : { [name]: value };
}

function isChanged(page: NetworkPage, state: State): boolean {
  const values = Object.entries(state.values).some(([name, value]) => value !== page.variables[name]?.value);
  return values || Object.keys(state.settings).length > 0 || Boolean(state.dtype || state.convention || state.device);
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly string[];
  pick: (value: string) => void;
  title?: string;
}

export function Choice({ label, value, options, pick, title }: ChoiceProps) {
  return (
    <label title={title}>
      {label}
      <select name={label} value={value} onChange={(event) => pick(event.currentTarget.value)}>
        {options.map((each) => (
          <option key={each} value={each}>
            {each || "none"}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SettingProps {
  option: Hyperparameter;
  value: string | undefined;
  set: (value: string) => void;
}

function Setting({ option, value, set }: SettingProps) {
  const shown = value ?? written(option.value);
  if (option.kind === "choice" || option.kind === "switch") {
    const options = option.kind === "switch" ? ["false", "true"] : option.choices.map(written);
    return <Choice label={option.name} value={shown} options={options} pick={set} title={option.meaning} />;
  }
  return (
    <label title={`${option.meaning} (${option.range})`}>
      {option.name}
      <input type="text" name={option.name} value={shown} onChange={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

function written(value: unknown): string {
  return value === null ? "" : String(value);
}
