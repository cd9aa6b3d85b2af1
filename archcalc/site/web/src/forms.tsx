// The closed forms of a network's totals; they are loaded when the reader comes near them.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { NetworkPage } from "./data";
import type { ListProps } from "./forms_list";
import type { Asked, Live } from "./live";

interface FormsProps {
  live: Live;
  asked: Asked;
  /** The page as it was before anything was changed. */
  first: NetworkPage;
}

export function Forms(given: FormsProps) {
  const [List, setList] = useState<ComponentType<ListProps> | null>(null);
  const [problem, setProblem] = useState("");
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const near = new IntersectionObserver(
      (seen) => {
        if (!seen.some((each) => each.isIntersecting)) return;
        near.disconnect();
        import("./forms_list").then(
          (module) => setList(() => module.FormsList),
          (error: unknown) => setProblem(`The closed forms could not be loaded: ${String(error)}`),
        );
      },
      { rootMargin: "600px" },
    );
    near.observe(section.current!);
    return () => near.disconnect();
  }, []);
  return (
    <section class="forms" aria-labelledby="forms" ref={section}>
      <h2 id="forms">Closed forms</h2>
      <p class="remark">The totals as polynomials of the input's size and the batch.</p>
      {problem && <p class="problem">{problem}</p>}
      {List ? <List {...given} /> : <div class="later" />}
    </section>
  );
}
