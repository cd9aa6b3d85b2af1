// Runs a tape: the arithmetic of a network, for other sizes than those for which it was written.
import type { Ref, TapeData } from "./data";


/** The numbers of a tape at some values of its variables. */
export class Values {
  constructor(private readonly numbers: readonly (number | bigint)[]) {}

  /** The value of a number of the page: exact, as a bigint where a double is not. */
  of(ref: Ref): number | bigint {
    if (typeof ref === "number") return ref;
    return typeof ref === "string" ? BigInt(ref) : this.numbers[ref[0]]!;
  }
}

export class Tape {
  constructor(private readonly data: TapeData) {}

  /** The numbers for some values of the variables; null if a decision of the network would be another there. */
  run(given: Readonly<Record<string, number>>): Values | null {
    const variables = this.data.variables.map(([name, value]) => given[name] ?? value);
    const plain = this.inDoubles(variables);
    const numbers = plain ?? this.inIntegers(variables);
    for (const [place, sign, held] of this.data.guards) {
      const number = numbers[place]!;
      if ((sign === "<" ? number < 0 : number == 0) !== held) return null;
    }
    return new Values(numbers);
  }

  /** The numbers as doubles; null where one would not be exact. */
  private inDoubles(variables: number[]): number[] | null {
    const { constants, signs, operands } = this.data;
    if (constants.some((each) => typeof each === "string")) return null;
    const numbers = [...variables, ...(constants as number[])];
    for (let step = 0; step < signs.length; step++) {
      const a = numbers[operands[2 * step]!]!;
      const b = numbers[operands[2 * step + 1]!]!;
      const result = doubles[signs[step]!]!(a, b);
      if (!Number.isSafeInteger(result)) return null;
      numbers.push(result);
    }
    return numbers;
  }

  private inIntegers(variables: number[]): bigint[] {
    const { constants, signs, operands } = this.data;
    const numbers = [...variables, ...constants].map(BigInt);
    for (let step = 0; step < signs.length; step++) {
      const a = numbers[operands[2 * step]!]!;
      const b = numbers[operands[2 * step + 1]!]!;
      // What is divided by 0 is behind a guard that fails.
      numbers.push(b === 0n && signs[step] === "/" ? 0n : integers[signs[step]!]!(a, b));
    }
    return numbers;
  }
}

const doubles: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (a - (((a % b) + b) % b)) / b,
  ">": (a, b) => (a > b ? a : b),
  "<": (a, b) => (a < b ? a : b),
};

const integers: Record<string, (a: bigint, b: bigint) => bigint> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (a - (((a % b) + b) % b)) / b,
  ">": (a, b) => (a > b ? a : b),
  "<": (a, b) => (a < b ? a : b),
};
