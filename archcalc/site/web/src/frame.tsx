// What every page has: head, navigation, footer.
import type { ComponentChildren } from "preact";

export type Section = "catalogue" | "compare" | "own" | "lessons" | "network";

const LINKS: [Section, string, string][] = [
  ["catalogue", "index.html", "Catalogue"],
  ["compare", "compare.html", "Compare"],
  ["own", "own.html", "Your own"],
  ["lessons", "lessons.html", "Lessons"],
];

/** The way from the page to the folder of the site: `../` for a page in a folder. */
export function Header({ section, root }: { section: Section; root: string }) {
  return (
    <header class="top">
      <a class="skip" href="#main">
        To the content
      </a>
      <a class="brand" href={`${root}index.html`}>
        archcalc
      </a>
      <nav aria-label="Site">
        {LINKS.map(([key, address, name]) => (
          <a key={key} href={root + address} aria-current={key === section ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <button type="button" class="theme" data-theme-switch aria-label="Switch between light and dark">
        <span aria-hidden="true">◐</span>
      </button>
    </header>
  );
}

export function Footer({ version }: { version: string }) {
  return (
    <footer class="bottom">
      <p>
        archcalc {version}. Counts follow from the layers' formulas, in this page and without a server. Mult-adds are
        multiply-accumulates of convolutions, linear layers and matrix products, for one image.
      </p>
    </footer>
  );
}

interface DocumentProps {
  title: string;
  description: string;
  section: Section;
  root: string;
  version: string;
  /** A digest of the engine's files, so that a browser does not mix those of two builds. */
  engine: string;
  /** The bundle of the page, and the file with its data, which is fetched while the page is read. */
  script: string;
  data?: string;
  children: ComponentChildren;
}

/** A page as a document. Only its own origin may be asked for anything. */
export function Document(props: DocumentProps) {
  const { title, description, section, root, script, data } = props;
  const policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'";
  return (
    <html lang="en" data-root={root}>
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <title>{title}</title>
        <meta name="description" content={description} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="engine" content={props.engine} />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <script src={`${root}assets/theme.js`} />
        <link rel="stylesheet" href={`${root}assets/site.css`} />
        <script type="module" src={`${root}assets/${script}.js`} />
        {data && <link rel="preload" as="fetch" href={data} crossOrigin="anonymous" id="data" />}
      </head>
      <body>
        <Header section={section} root={root} />
        <main id="main" tabIndex={-1}>
          {props.children}
        </main>
        <Footer version={props.version} />
      </body>
    </html>
  );
}

/** The way from this page to the folder of the site, in the browser. */
export function rootOf(): string {
  return document.documentElement.dataset["root"] ?? "";
}

/** The data of this page. */
export async function pageData<T>(): Promise<T> {
  const link = document.querySelector<HTMLLinkElement>("link#data")!;
  return (await fetch(link.href)).json() as Promise<T>;
}
