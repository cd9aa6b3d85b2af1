// A part of a page that comes after its first paint.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface LazyProps<P> {
  load: () => Promise<ComponentType<P>>;
  /** The room that the part takes until it is there. */
  height: string;
  given: P;
}

export function Lazy<P extends object>({ load, height, given }: LazyProps<P>) {
  const [Part, setPart] = useState<ComponentType<P> | null>(null);
  useEffect(() => {
    let waits = true;
    const later = requestAnimationFrame(() => {
      void load().then((part) => waits && setPart(() => part));
    });
    return () => {
      waits = false;
      cancelAnimationFrame(later);
    };
  }, []);
  return Part ? <Part {...given} /> : <div class="lazy" style={{ minHeight: height }} />;
}
