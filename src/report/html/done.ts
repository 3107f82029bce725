import type { Report } from '../../findings/report.ts';
import type { Scene } from '../../findings/scene.ts';
import { whereTyped } from '../machines.ts';
import { evidenceList } from './findings.ts';
import { html, lines, nothing } from './markup.ts';
import type { Markup } from './markup.ts';

/** What was done besides looking: the stages of clone, the steps that --fix took and those that it leaves. */
export function doneSection({ steps = [], applied = [], fixes = [], journal }: Report, scene: Scene): Markup {
  const left = fixes.filter(({ decision }) => decision === 'leave');
  if (steps.length + applied.length + left.length === 0) return nothing;
  return html`<section aria-labelledby="done">
    <h2 id="done">What was done</h2>
    <ol class="done">
      ${steps.map(
        ({ name, outcome, elapsedMs, details }) =>
          html` <li>
            <span class="badge ${outcome}">${outcome}</span> ${name}
            <small>${(elapsedMs / 1000).toFixed(2)} s</small>${evidenceList(details)}
          </li>`,
      )}${applied.map(
        ({ rule, step, outcome, output }) =>
          html` <li>
            <span class="badge ${outcome}">${outcome}</span> ${whereTyped(step, scene)}
            <small class="rule">${rule}</small>
            <pre><code>${lines(step.text)}</code></pre>
            ${output === '' ? undefined : html`<pre class="output">${lines(output)}</pre>`}
          </li>`,
      )}${left.map(({ title, because }) => html` <li><span class="badge left">left</span> ${title}: ${because}</li>`)}
    </ol>
    ${typeof journal === 'string' ? html` <p>To undo it: <code>standbylint undo ${journal}</code></p>` : undefined}
  </section>`;
}
