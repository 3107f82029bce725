import type { Report, Step } from '../../findings/report.ts';
import type { Scene } from '../../findings/scene.ts';
import { whereTyped } from '../machines.ts';
import { afterSentence, planTitle } from '../plan-text.ts';
import { rootCauses } from '../root-causes.ts';
import { html, lines, nothing } from './markup.ts';
import type { Markup } from './markup.ts';

/** What to type, in this order; then the other ways, and how the standby comes back. */
export function planSection(report: Report, scene: Scene): Markup {
  const { plan, recovery } = report;
  const after = afterSentence(report);
  if (plan.steps.length === 0 && after === undefined) return nothing;
  const title = plan.steps.length === 0 ? 'Next' : planTitle(plan, rootCauses(report).problems.length, scene);
  return html`<section class="plan" aria-labelledby="plan">
    <h2 id="plan">${title}</h2>
    ${stepList(
      plan.steps.map(({ step }) => step),
      scene,
    )}${plan.alternatives.map(
      ({ summary, because, steps }) =>
        html` <details class="card">
          <summary>Or: ${summary}</summary>
          <p>${because}</p>
          ${stepList(steps, scene)}
        </details>`,
    )}${
      after === undefined ? undefined : html` <p class="after">${after}</p>`
    }${conditionList(recovery?.conditions ?? [])}
  </section>`;
}

const conditionList = (conditions: readonly string[]): Markup =>
  conditions.length === 0
    ? nothing
    : html` <ul class="conditions">
        ${conditions.map((one) => html`<li>${one}</li>`)}
      </ul>`;

export const stepList = (steps: readonly Step[], scene: Scene): Markup =>
  steps.length === 0
    ? nothing
    : html`<ol class="steps">
        ${steps.map((step) => stepItem(step, scene))}
      </ol>`;

function stepItem(step: Step, scene: Scene): Markup {
  const place = whereTyped(step, scene);
  if (step.kind !== 'manual')
    return html` <li class="step">
      <p class="label">${place}</p>
      ${toCopy(step.text)}
    </li>`;
  const [sentence = '', ...more] = step.text.split('\n');
  return html` <li class="step">
    <p class="label">${place}</p>
    <p>${sentence}</p>
    ${more.length === 0 ? undefined : toCopy(more.join('\n').trim())}
  </li>`;
}

/** The script shows the buttons: without it they would do nothing. */
const toCopy = (text: string): Markup =>
  html`<div class="command">
    <pre><code>${lines(text)}</code></pre>
    <button type="button" class="copy" hidden>Copy</button>
  </div>`;
