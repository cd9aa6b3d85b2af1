// The picture of a sheet: volumes from left to right, those that a question asks for without their numbers.
import type { Sheet } from "./lessons_data";

interface PictureProps {
  steps: Sheet["steps"];
  /** True for a question whose answer may be seen. */
  isOpen: (key: string) => boolean;
}

const SIDE = 74;

export function LessonPicture({ steps, isOpen }: PictureProps) {
  const largest = Math.max(...steps.map((step) => step.shape.at(-1)!));
  const deepest = Math.max(...steps.map((step) => step.shape[0]!));
  return (
    <ol class="volumes" aria-label="The layers and the shapes of their outputs">
      {steps.map((step, place) => {
        const isHidden = step.key !== "" && !isOpen(step.key);
        const shape = step.shape.join("×");
        return (
          <li key={step.label}>
            {place > 0 && (
              <span class="arrow" aria-hidden="true">
                →
              </span>
            )}
            <figure>
              <Volume
                side={isHidden ? 0.6 : scaled(step.shape.at(-1)!, largest)}
                depth={isHidden ? 0.4 : scaled(step.shape[0]!, deepest)}
                isHidden={isHidden}
              />
              <figcaption>
                <b>{step.label}</b>
                {step.operation && <span>{step.operation}</span>}
                <span>{isHidden ? "?" : shape}</span>
              </figcaption>
            </figure>
          </li>
        );
      })}
    </ol>
  );
}

/** A side between 0.2 and 1 of the largest; on the scale of the logarithm, so that small ones can be seen. */
function scaled(size: number, largest: number): number {
  return largest > 1 ? 0.2 + (0.8 * Math.log(size)) / Math.log(largest) : 1;
}

/** A box: its front is height by width, its depth the channels. */
function Volume({ side, depth, isHidden }: { side: number; depth: number; isHidden: boolean }) {
  const a = side * SIDE * 0.62;
  const d = depth * SIDE * 0.36;
  const x = (SIDE - a - d) / 2;
  const y = SIDE - (SIDE - a - d) / 2 - a;
  return (
    <svg class={isHidden ? "volume hidden" : "volume"} viewBox={`0 0 ${SIDE} ${SIDE}`} width={SIDE} height={SIDE} aria-hidden="true">
      <path d={`M${x} ${y}l${d} ${-d}h${a}v${a}l${-d} ${d}h${-a}zm0 0h${a}v${a}m0 ${-a}l${d} ${-d}`} />
    </svg>
  );
}
