// Below the numbers of a network: how they were confirmed, what others print and measured, notes, citation.
import { useEffect, useState } from "preact/hooks";
import { Copying } from "./copying";
import type { ComponentChildren } from "preact";
import type { About } from "./data";
import { type EvidenceData, sumOf, tally } from "./evidence_data";
import { rootOf } from "./frame";

const VERDICTS = ["exact", "within the printed digits", "holds under", "contradicted", "not computable", "not evaluated"];

export function Evidence({ about }: { about: About }) {
  const { claims, accuracies, rates, validated } = about.evidence;
  const [wanted, want] = useState(false);
  const { loaded, problem } = useEvidence(about.name, wanted);
  const list = { loaded, problem, opened: () => want(true) };
  return (
    <section class="evidence" aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      <p>{sentence(about.confirmed)}</p>
      <Fold {...list} title={`Validation: ${checks(validated)}`} none={!sumOf(validated)}>
        {loaded && <loaded.Checks records={loaded.validated} />}
      </Fold>
      <Fold
        {...list}
        title={`Printed in the lecture documents: ${figures(sumOf(claims))} (${tally(claims, VERDICTS)})`}
        none={!sumOf(claims) && "The lecture documents print no figure of this network."}
      >
        {loaded && <loaded.Claims claims={loaded.claims} documents={about.documents} />}
      </Fold>
      <Fold {...list} title={`Published accuracies: ${accuracies}`} none={!accuracies && "No accuracy of it is in the data."}>
        {loaded && <loaded.Accuracies list={loaded.accuracies} />}
      </Fold>
      <Fold {...list} title={`Published throughput: ${rates}`} none={!rates}>
        {loaded && <loaded.Rates list={loaded.rates} />}
      </Fold>
      {about.notes.length > 0 && (
        <>
          <h3>Source, deviations and notes</h3>
          {about.notes.map((note, place) => (
            <p key={place}>
              <Prose text={note} />
            </p>
          ))}
        </>
      )}
      <Family about={about} />
      <Cite about={about} />
    </section>
  );
}

/** "7 checks against executed models, all agree". */
function checks(results: Record<string, number>): string {
  const agree = results["agrees"] === sumOf(results);
  const said = agree ? "all agree" : tally(results).replace("agrees", "agree").replace("differs", "differ");
  return `${sumOf(results)} checks against executed models, ${said}`;
}

function figures(number: number): string {
  return number === 1 ? "1 figure" : `${number} figures`;
}

/** Words that begin with a capital and end with a full stop. */
function sentence(text: string): string {
  return text && `Confirmed: ${text}${/[.!?]$/.test(text) ? "" : "."}`;
}

interface FoldProps {
  title: string;
  /** True, or a sentence, where there is nothing to show. */
  none: boolean | string;
  loaded: object | null;
  problem: string;
  opened: () => void;
  children?: ComponentChildren;
}

/** A list behind its title, which is loaded when it is opened. */
function Fold({ title, none, loaded, problem, opened, children }: FoldProps) {
  if (none === true) return null;
  if (none) return <p class="remark">{none}</p>;
  return (
    <details onToggle={(event) => event.currentTarget.open && opened()}>
      <summary>{title}</summary>
      {problem ? <p class="problem">{problem}</p> : loaded ? children : <p class="remark">Loading …</p>}
    </details>
  );
}

type Loaded = EvidenceData & typeof import("./evidence_lists");

/** The lists and what shows them, once the reader wants one. */
function useEvidence(name: string, wanted: boolean): { loaded: Loaded | null; problem: string } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!wanted || loaded) return;
    const data = fetch(`${rootOf()}data/about/${encodeURIComponent(name)}.json`).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return answer.json() as Promise<EvidenceData>;
    });
    Promise.all([import("./evidence_lists"), data])
      .then(([lists, found]) => setLoaded({ ...lists, ...found }))
      .catch((error: unknown) => setProblem(`The list could not be loaded: ${String(error)}`));
  }, [wanted]);
  return { loaded, problem };
}

/** A text with names in backticks. */
function Prose({ text }: { text: string }) {
  return <>{text.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part))}</>;
}

function Family({ about }: { about: About }) {
  const others = about.variants.filter((name) => name !== about.name);
  if (!others.length) return null;
  return (
    <>
      <h3>Its family</h3>
      <p class="family">
        {others.map((name) => (
          <a key={name} href={`${name}.html`}>
            {name}
          </a>
        ))}
      </p>
    </>
  );
}

function Cite({ about }: { about: About }) {
  const documents = Object.entries(about.documents);
  return (
    <>
      <h3>Citation</h3>
      <p>
        {about.authors}: {about.address ? <a href={about.address}>{about.paper}</a> : about.paper}. {about.source}, {about.year}.
        {documents.length > 0 && ` In the lecture documents ${documents.map(([key, title]) => `${key} (${title})`).join("; ")}.`}
      </p>
      <pre class="bibtex" tabIndex={0} role="region" aria-label="BibTeX">
        {about.bibtex}
      </pre>
      <Copying label="Copy" ways={[{ label: "BibTeX", what: "the citation as BibTeX", text: () => about.bibtex }]} />
    </>
  );
}
