// Numbers as archcalc's tables write them.

const UNITS: [number, string][] = [
  [1e3, ""],
  [1e6, "K"],
  [1e9, "M"],
  [1e12, "G"],
  [1e15, "T"],
  [1e18, "P"],
];

/** A count in four digits with a decimal K, M, G, T or P: 15470264320 is 15.47G, 999 is 999. */
export function human(count: number | bigint): string {
  const value = Number(count);
  for (const [limit, unit] of UNITS) {
    if (value < limit * 0.99995) {
      if (!unit) return String(count);
      const scaled = (value / limit) * 1e3;
      return fixed(scaled, 4 - String(Math.trunc(scaled)).length) + unit;
    }
  }
  return value.toExponential(3).replace(/e\+(\d)$/, "e+0$1");
}

/** A number of bytes in four digits with decimal kB, MB, GB, TB. */
export function humanBytes(count: number | bigint): string {
  return human(count).replace("K", "k") + "B";
}

/** A count with all its digits, in groups of three. */
export function digits(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Per cent of a total with one decimal; nothing for nothing. */
export function percent(part: number | bigint, total: number | bigint): string {
  return total && part ? fixed((100 * Number(part)) / Number(total), 1) : "";
}

/** A real number with some decimals; halves go to the even digit, as Python writes them. */
export function fixed(value: number, decimals: number): string {
  const rounded = value.toFixed(decimals);
  const [, after = ""] = value.toFixed(Math.min(decimals + 40, 100)).split(".");
  const rest = after.slice(decimals);
  if (!/^50*$/.test(rest)) return rounded;
  const lower = value.toFixed(Math.min(decimals + 40, 100)).slice(0, -rest.length).replace(/\.$/, "");
  return Number(lower.at(-1)) % 2 === 0 ? lower : rounded;
}

/** A time in three digits, with s, ms or us. */
export function humanSeconds(seconds: number): string {
  const [scale, unit] = seconds >= 1 ? [1, "s"] : seconds >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
  return `${Number((seconds * (scale as number)).toPrecision(3))} ${unit}`;
}
