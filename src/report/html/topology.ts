import type { Report } from '../../findings/report.ts';
import type { Measure, Scene } from '../../findings/scene.ts';
import { formatBytes } from '../../postgres/bytes.ts';
import { machineName } from '../machines.ts';
import { html, nothing } from './markup.ts';
import type { Markup } from './markup.ts';
import { drawn } from './picture.ts';
import { flowWords, mostOthers, serversOf } from './servers.ts';

/** The servers and what flows between them, what was measured, and what both sides say of themselves. */
export function topologySection(report: Report, scene: Scene): Markup {
  const { servers, others } = serversOf(report, scene);
  const label = servers
    .flatMap(({ name, flow }) => {
      const from = flow && servers[flow.from];
      return flow === undefined || from === undefined ? [] : [`${from.name} to ${name}: ${flowWords(flow).join(', ')}`];
    })
    .join('; ');
  return html`<section aria-labelledby="servers">
    <h2 id="servers">Servers</h2>
    <figure class="topology card">
      ${drawn(servers, 'across', label)}
      ${drawn(servers, 'down', label)}${
        others > mostOthers ? html`<figcaption>and ${others - mostOthers} more standbys</figcaption>` : undefined
      }
    </figure>
    ${figures(report.measures ?? [])}${comparison(scene)}
  </section>`;
}

const figures = (measures: readonly Measure[]): Markup =>
  measures.length === 0
    ? nothing
    : html` <dl class="figures">
        ${measures.map(
          (measure) =>
            html` <div>
              <dt>${measureNames[measure.name]}</dt>
              <dd>
                ${amount(measure.value, measure.unit)}${
                  measure.of === undefined ? undefined : html` <small>of ${amount(measure.of, measure.unit)}</small>`
                }
              </dd>
            </div>`,
        )}
      </dl>`;

const measureNames: Readonly<Record<Measure['name'], string>> = {
  'replay-lag': 'Not replayed yet',
  'replay-delay': 'Age of the data',
  'free-wal-senders': 'Free WAL senders',
  'free-space': 'Free space',
};

function amount(value: number, unit: Measure['unit']): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`;
    case 'count':
      return String(value);
  }
}

function comparison(scene: Scene): Markup {
  const { picture = [] } = scene;
  if (picture.length === 0) return nothing;
  return html` <table class="comparison">
    <caption>
      Measured on both sides
    </caption>
    <thead>
      <tr>
        <td></td>
        <th scope="col">${machineName('primary', scene)}</th>
        <td></td>
        <th scope="col">${machineName('standby', scene)}</th>
      </tr>
    </thead>
    <tbody>
      ${picture.map(
        ({ what, primary, standby, mark }) =>
          html` <tr>
            <th scope="row">${what}</th>
            <td>${primary}</td>
            <td>${mark.replace('->', '→')}</td>
            <td>${standby}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
