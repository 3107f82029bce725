import type { Report } from '../../findings/report.ts';
import { exactDuration } from '../../postgres/durations.ts';
import { htmlPage } from '../../report/html/page.ts';
import { printable } from '../../report/printable.ts';
import { prometheus } from '../../report/prometheus.ts';
import { catalogue } from '../../rules/catalogue.ts';
import type { AnyRule } from '../../rules/rule.ts';
import type { Look } from '../watch/looks.ts';

/** An answer to any number of requests: made with a look, and not with a request. */
interface Kept {
  readonly startedAt: Date;
  readonly metrics: string;
  readonly page: string;
}

const rules: ReadonlyMap<string, AnyRule> = new Map(catalogue.map((rule) => [rule.id, rule]));

/** What the looks saw last. Data that is older than three intervals is stale, and is served as such. */
export class Latest {
  readonly #everyMs: number;
  readonly #now: () => number;
  #kept: Kept | undefined;
  #looks = 0;
  #failed = 0;
  #because: string | undefined;

  constructor(everyMs: number, now: () => number) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  take({ report, startedAt, because }: Look): void {
    this.#looks += 1;
    this.#because = because;
    if (report === undefined) this.#failed += 1;
    else this.#kept = kept(report, startedAt);
  }

  /** Undefined: the last complete look is young enough. */
  get trouble(): string | undefined {
    const age = this.#ageMs;
    if (age !== undefined && age <= 3 * this.#everyMs) return undefined;
    const because = this.#because === undefined ? '' : `: ${printable(this.#because)}`;
    return age === undefined
      ? `no look is complete yet${because}`
      : `the last complete look is ${exactDuration(age)} old${because}`;
  }

  /** Undefined: no look is complete yet. */
  get page(): string | undefined {
    if (this.#kept === undefined) return undefined;
    const age = exactDuration(this.#ageMs ?? 0);
    const { trouble } = this;
    const said =
      trouble === undefined
        ? `Seen ${age} ago, at ${this.#kept.startedAt.toISOString()}.`
        : `<strong>This page is out of date: ${escaped(trouble)}.</strong>`;
    return this.#kept.page.replace('<body>', () => `<body><p role="status">${said}</p>`);
  }

  get metrics(): string {
    const family = (name: string, type: string, help: string, value: number): string =>
      `# HELP standbylint_${name} ${help}\n# TYPE standbylint_${name} ${type}\nstandbylint_${name} ${value}\n`;
    const age = this.#ageMs;
    return [
      this.#kept?.metrics ?? '',
      age === undefined
        ? ''
        : family('look_age_seconds', 'gauge', 'How long ago the last complete look began.', age / 1000),
      family(
        'look_stale',
        'gauge',
        'Whether the last complete look is older than three intervals.',
        this.trouble === undefined ? 0 : 1,
      ),
      family('looks_total', 'counter', 'Looks that have ended.', this.#looks),
      family('looks_failed_total', 'counter', 'Looks that ended without a report.', this.#failed),
    ].join('');
  }

  get #ageMs(): number | undefined {
    return this.#kept && Math.max(0, this.#now() - this.#kept.startedAt.getTime());
  }
}

const kept = (report: Report, startedAt: Date): Kept => ({
  startedAt,
  metrics: prometheus(report),
  page: htmlPage(report, { rules }),
});

const escaped = (text: string): string => text.replaceAll(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
