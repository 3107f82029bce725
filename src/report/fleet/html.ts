import type { FleetChanges, FleetReport, KnownFinding, SharedCause } from '../../findings/fleet-report.ts';
import { exactDuration } from '../../postgres/durations.ts';
import { ruleName } from '../html/findings.ts';
import { html, nothing } from '../html/markup.ts';
import type { Markup } from '../html/markup.ts';
import { programLine, wholePage } from '../html/page.ts';
import { drawn } from '../html/picture.ts';
import { flowWords } from '../html/servers.ts';
import type { RuleHelp, View } from '../renderer.ts';
import { counted } from '../layout.ts';
import { clustersOf } from './clusters.ts';
import type { Cluster } from './clusters.ts';
import { knownTogether } from './known-together.ts';
import { countsOf, rowsOf, toneOf } from './target-row.ts';

/** The fleet as one page: its targets, each root cause once, and a picture of every cluster. */
export function fleetPage(fleet: FleetReport, { rules = new Map() }: Pick<View, 'rules'>): string {
  const { targets, causes, since, startedAt } = fleet;
  const rows = rowsOf(fleet);
  const [worst] = rows;
  const look = worst === undefined ? 'unknown' : headers[toneOf(worst)];
  const counts = countsOf(rows);
  return wholePage(
    `fleet: ${counts}`,
    html`<header class="${look}">
        <p class="program">standbylint fleet</p>
        <h1>${counted(targets.length, 'target')}: ${counts}</h1>
        <dl class="subject">
          <div>
            <dt>Checked</dt>
            <dd>${startedAt.slice(0, 19).replace('T', ' ')} UTC</dd>
          </div>
        </dl>
      </header>
      <main>
        <section aria-labelledby="targets">
          <h2 id="targets">Targets</h2>
          <ul class="targets card">
            ${rows.map(
              (row) =>
                html` <li>
                  <span class="badge ${badges[toneOf(row)]}">${row.word}</span>
                  <strong>${row.target}</strong> ${row.sentence}
                </li>`,
            )}
          </ul>
        </section>
        ${causesSection(causes, rules)} ${changesSection(since, Date.parse(startedAt))}
        ${clustersSection(clustersOf(fleet))}
      </main>
      <footer>${programLine(fleet)}</footer>`,
  );
}

const headers = { good: 'healthy', bad: 'broken', unsure: 'degraded' } as const;
const badges = { good: 'passed', bad: 'error', unsure: 'warning' } as const;
const words = { error: 'error', warning: 'warning', info: 'note' } as const;

const causesSection = (causes: readonly SharedCause[], rules: ReadonlyMap<string, RuleHelp>): Markup =>
  causes.length === 0
    ? nothing
    : html`<section aria-labelledby="problems">
        <h2 id="problems">${causes.length === 1 ? 'Root cause' : 'Root causes'}</h2>
        <ol class="problems">
          ${causes.map(
            ({ rule, severity, title, primary, targets }) =>
              html` <li>
                <article class="card ${severity}">
                  <h3><span class="badge ${severity}">${words[severity]}</span> ${title}</h3>
                  <p class="where">${ruleName(rule, rules)}${primary === null ? undefined : html` · ${primary}`}</p>
                  <p>${counted(targets.length, 'target')}: ${targets.join(', ')}</p>
                </article>
              </li>`,
          )}
        </ol>
      </section>`;

function changesSection(since: FleetChanges | undefined, now: number): Markup {
  if (since === undefined) return nothing;
  const list = (heading: string, known: readonly KnownFinding[], lasted: string): Markup =>
    known.length === 0
      ? nothing
      : html`<h3 class="change">${heading}</h3>
          <ul class="consequences">
            ${knownTogether(known).map(
              ({ targets, title, firstSeen }) =>
                html` <li>
                  <strong>${targets.join(', ')}</strong> ${title}${
                    lasted === ''
                      ? undefined
                      : html` <small>${lasted} ${exactDuration(now - Date.parse(firstSeen))}</small>`
                  }
                </li>`,
            )}
          </ul>`;
  return html`<section aria-labelledby="changes">
    <h2 id="changes">What has changed</h2>
    <div class="card">
      ${list('New', since.new, '')} ${list('Gone', since.gone, 'after')} ${list('Still there', since.same, 'for')}
    </div>
  </section>`;
}

const clustersSection = (clusters: readonly Cluster[]): Markup =>
  clusters.length === 0
    ? nothing
    : html`<section aria-labelledby="clusters">
        <h2 id="clusters">${clusters.length === 1 ? 'Cluster' : 'Clusters'}</h2>
        ${clusters.map(({ servers, systemIdentifier }) => {
          const label = servers
            .flatMap(({ name, flow }) => {
              const from = flow && servers[flow.from];
              return flow === undefined || from === undefined
                ? []
                : [`${from.name} to ${name}: ${flowWords(flow).join(', ')}`];
            })
            .join('; ');
          return html` <figure class="topology card">
            ${drawn(servers, 'across', label)} ${drawn(servers, 'down', label)}
            ${systemIdentifier === undefined ? undefined : html`<figcaption>system identifier ${systemIdentifier}</figcaption>`}
          </figure>`;
        })}
      </section>`;
