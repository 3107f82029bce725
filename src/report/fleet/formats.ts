import type { FleetReport } from '../../findings/fleet-report.ts';
import type { View } from '../renderer.ts';

/**
 * A pure function of the report of a fleet: one that was saved gives the same text. What has the whole report of each target
 * comes in pieces: of thousands it is longer than a string can be.
 */
export type FleetRenderer = (
  fleet: FleetReport,
  view: Pick<View, 'width' | 'paint' | 'rules'>,
) => string | Iterable<string>;

interface FleetFormat {
  readonly renderer: () => Promise<FleetRenderer>;
  /** It tells of each rule what the catalogue knows. */
  readonly explainsRules?: true;
  /** A text that is added to the file that this variable names, where it is set. */
  readonly appends?: { readonly variable: string; readonly renderer: () => Promise<FleetRenderer> };
}

/** Those of a report (../formats.ts), and one for each target as it comes. */
export const fleetFormats = {
  stylish: { renderer: async () => (await import('./stylish.ts')).fleetText },
  compact: { renderer: async () => (await import('./compact.ts')).compactFleet },
  json: { renderer: async () => (await import('./json.ts')).fleetJson },
  ndjson: { renderer: async () => (await import('./json.ts')).fleetLines },
  sarif: { renderer: async () => (await import('./sarif.ts')).fleetSarif, explainsRules: true },
  junit: { renderer: async () => (await import('./junit.ts')).fleetJunit },
  github: {
    renderer: async () => (await import('./github.ts')).fleetGithub,
    appends: { variable: 'GITHUB_STEP_SUMMARY', renderer: async () => (await import('./markdown.ts')).fleetMarkdown },
  },
  gitlab: { renderer: async () => (await import('./gitlab.ts')).fleetGitlab },
  markdown: { renderer: async () => (await import('./markdown.ts')).fleetMarkdown },
  nagios: { renderer: async () => (await import('./nagios.ts')).fleetNagios },
  prometheus: { renderer: async () => (await import('./prometheus.ts')).fleetPrometheus },
  html: { renderer: async () => (await import('./html.ts')).fleetPage },
} as const satisfies Readonly<Record<string, FleetFormat>>;

export type FleetFormatName = keyof typeof fleetFormats;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal
export const fleetFormatNames = Object.keys(fleetFormats) as readonly FleetFormatName[];

/** The same table, where each format may have everything. */
export const fleetFormatOf = (name: FleetFormatName): FleetFormat => fleetFormats[name];
