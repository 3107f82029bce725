import type { Renderer } from './renderer.ts';

interface Format {
  /** What it is for, in the help and in the documentation. */
  readonly for: string;
  /** Each is a chunk of its own: a run reads the one that it needs. */
  readonly renderer: () => Promise<Renderer>;
  /** It tells of each rule what the catalogue knows. */
  readonly explainsRules?: true;
  /** A text that is added to the file that this variable names, where it is set. */
  readonly appends?: { readonly variable: string; readonly renderer: () => Promise<Renderer> };
}

/** The formats of the report. A new one is a file here and a line in this table. */
export const formats = {
  stylish: { for: 'the report for people', renderer: async () => (await import('./stylish.ts')).stylishReport },
  compact: { for: 'one line for each finding', renderer: async () => (await import('./compact.ts')).compact },
  json: { for: 'one JSON object', renderer: async () => (await import('./json.ts')).json },
  sarif: {
    for: 'SARIF 2.1.0, for code scanning',
    renderer: async () => (await import('./sarif.ts')).sarif,
    explainsRules: true,
  },
  junit: { for: 'JUnit XML: each rule is a test case', renderer: async () => (await import('./junit.ts')).junit },
  github: {
    for: 'annotations of GitHub Actions, and the job summary in the file of GITHUB_STEP_SUMMARY',
    renderer: async () => (await import('./github.ts')).github,
    appends: { variable: 'GITHUB_STEP_SUMMARY', renderer: async () => (await import('./github.ts')).githubSummary },
  },
  gitlab: { for: 'the code quality report of GitLab', renderer: async () => (await import('./gitlab.ts')).gitlab },
  markdown: { for: 'Markdown, for a ticket', renderer: async () => (await import('./markdown.ts')).markdown },
  nagios: {
    for: 'one line for Nagios and Icinga; on standard output, the exit status is that of a plugin',
    renderer: async () => (await import('./nagios.ts')).nagios,
  },
  prometheus: {
    for: 'metrics for the textfile collector of the Prometheus node exporter',
    renderer: async () => (await import('./prometheus.ts')).prometheus,
  },
  html: {
    for: 'one page for a browser, a phone and paper',
    renderer: async () => (await import('./html/page.ts')).htmlPage,
    explainsRules: true,
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof formats;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal
export const formatNames = Object.keys(formats) as readonly FormatName[];

/** The same table, where each format may have everything. */
export const formatOf = (name: FormatName): Format => formats[name];
