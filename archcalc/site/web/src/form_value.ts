// The values of closed forms, exactly: see archcalc/site/forms.py for the data.

/** A letter of the forms: `symbol` = `period` x `letter` + `residue`, from `least` to `largest` (empty: no end). */
export interface FormLetter {
  symbol: string;
  letter: string;
  meaning: string;
  period: number;
  residue: number;
  least: string;
  largest: string;
  definition: string;
}

export interface Form {
  text: string;
  latex: string;
  unit: string;
  /** Polynomials, of which the largest counts: coefficients, each with the powers of the letters. */
  terms: [string, Record<string, number>][][];
}

export interface FormsData {
  architecture: string;
  letters: FormLetter[];
  conditions: string[];
  forms: Record<string, Form>;
}

/** The letters at some values of the symbols; null where the forms do not hold, or may not. */
export function lettersAt(data: FormsData, symbols: Readonly<Record<string, number>>): Record<string, bigint> | null {
  const found: Record<string, bigint> = {};
  for (const each of data.letters) {
    const value = symbols[each.symbol];
    if (value === undefined || value < each.residue || (value - each.residue) % each.period) return null;
    const letter = BigInt((value - each.residue) / each.period);
    if (letter < BigInt(each.least) || (each.largest && letter > BigInt(each.largest))) return null;
    found[each.letter] = letter;
  }
  return data.conditions.length ? null : found;
}

/** The value of a form. Throws RangeError if it is not whole. */
export function valueOf(form: Form, letters: Readonly<Record<string, bigint>>): bigint {
  const values = form.terms.map((terms) => polynomial(terms, letters));
  return values.reduce((most, each) => (each > most ? each : most));
}

function polynomial(terms: Form["terms"][number], letters: Readonly<Record<string, bigint>>): bigint {
  let above = 0n;
  let below = 1n;
  for (const [coefficient, powers] of terms) {
    const [p, q = "1"] = coefficient.split("/");
    let product = BigInt(p!);
    for (const [letter, power] of Object.entries(powers)) product *= letters[letter]! ** BigInt(power);
    above = above * BigInt(q) + product * below;
    below *= BigInt(q);
  }
  if (above % below) throw new RangeError("a form has no whole value here");
  return above / below;
}
