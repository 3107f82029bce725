import type { Evidence, Finding, Frame, Report, Severity } from '../../findings/report.ts';
import type { Scene } from '../../findings/scene.ts';
import { acceptedText } from '../accepted.ts';
import { findingPlace } from '../finding-place.ts';
import { risks, shownEvidence } from '../finding-text.ts';
import type { RuleHelp } from '../renderer.ts';
import { consequencesOf, rootCauses } from '../root-causes.ts';
import { ruleAddress } from '../rule-address.ts';
import { html, nothing } from './markup.ts';
import type { Markup } from './markup.ts';
import { stepList } from './plan.ts';

type Rules = ReadonlyMap<string, RuleHelp>;

/** The root causes that the verdict goes by, numbered, each with what it causes and what proves it. */
export function problemsSection(report: Report, scene: Scene, rules: Rules): Markup {
  const { problems } = rootCauses(report);
  if (problems.length === 0) return nothing;
  return html`<section aria-labelledby="problems">
    <h2 id="problems">${problems.length === 1 ? 'Root cause' : 'Root causes'}</h2>
    <ol class="problems">
      ${problems.map(
        (finding) =>
          html` <li>
            <article class="card ${finding.severity}">
              <h3>${severityMark(finding)} ${finding.title}</h3>
              ${findingBody(finding, report, scene, rules)}
            </article>
          </li>`,
      )}
    </ol>
  </section>`;
}

/** Warnings and notes: a line each, which opens. */
export function alsoFoundSection(report: Report, scene: Scene, rules: Rules): Markup {
  const { others } = rootCauses(report);
  if (others.length === 0) return nothing;
  return html`<section aria-labelledby="also-found">
    <h2 id="also-found">Also found</h2>
    ${others.map(
      (finding) =>
        html` <details class="card ${finding.severity}">
          <summary>
            ${severityMark(finding)} ${finding.accepted === undefined ? undefined : acceptedMark} ${finding.title}
          </summary>
          ${findingBody(finding, report, scene, rules)} ${remedyOf(finding, scene)}
        </details>`,
    )}
  </section>`;
}

function findingBody(finding: Finding, report: Report, scene: Scene, rules: Rules): Markup {
  const consequences = consequencesOf(finding, report);
  const accepted = acceptedText(finding)?.replace(/^accepted /u, '');
  return html`<p class="where">${ruleName(finding.rule, rules)} · ${findingPlace(finding.where, scene)}</p>
    <p>${finding.message}</p>
    ${accepted === undefined ? undefined : html`<p>${acceptedMark} ${accepted}</p>`}
    ${
      consequences.length === 0
        ? undefined
        : html` <p class="label">It causes</p>
            <ul class="consequences">
              ${consequences.map(
                (one) => html` <li>${severityMark(one)} ${one.title} <small>${ruleName(one.rule, rules)}</small></li>`,
              )}
            </ul>`
    }${finding.frame === null ? undefined : frameOf(finding.frame, scene)}${evidenceList(shownEvidence(finding))}`;
}

const severityWords: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

const severityMark = ({ severity }: Finding): Markup =>
  html`<span class="badge ${severity}">${severityWords[severity]}</span>`;

const acceptedMark = html`<span class="badge">accepted</span>`;

/** A rule leads to its page; a message that only the log knows has none. */
export const ruleName = (id: string, rules: Rules): Markup =>
  rules.has(id) ? html`<a class="rule" href="${ruleAddress(id)}">${id}</a>` : html`<span class="rule">${id}</span>`;

const frameOf = ({ side, file, lines }: Frame, scene: Scene): Markup =>
  html` <figure class="frame">
    <figcaption>${findingPlace({ side, file }, scene)}</figcaption>
    <ol>
      ${lines.map(
        ({ number, text, remark }) =>
          html` <li class="${remark === undefined ? 'plain' : 'marked'}">
            <span class="number">${number}</span><code>${text.replaceAll('\t', '  ')}</code>${
              remark === undefined ? undefined : html` <span class="remark">${remark}</span>`
            }
          </li>`,
      )}
    </ol>
  </figure>`;

export const evidenceList = (evidence: readonly Evidence[]): Markup =>
  evidence.length === 0
    ? nothing
    : html` <dl class="evidence">
        ${evidence.map(
          ({ label, value, source }) =>
            html` <div>
              <dt>${label}</dt>
              <dd>${value}${source === '' || source === value ? undefined : html` <small>${source}</small>`}</dd>
            </div>`,
        )}
      </dl>`;

const remedyOf = ({ remedy }: Finding, scene: Scene): Markup =>
  remedy === null
    ? nothing
    : html`<p class="label">Fix</p>
        <p>${remedy.summary} <small>${risks[remedy.risk]}</small></p>
        ${stepList(remedy.steps, scene)}`;
