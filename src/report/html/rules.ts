import type { Outcome, Report } from '../../findings/report.ts';
import type { RuleHelp } from '../renderer.ts';
import { counted } from '../layout.ts';
import { uncheckedReasons } from '../unchecked-reasons.ts';
import { ruleName } from './findings.ts';
import { html, nothing } from './markup.ts';
import type { Markup } from './markup.ts';

export function uncheckedSection({ rules, acceptedUnexamined }: Report): Markup {
  const reasons = uncheckedReasons(rules);
  if (reasons.length === 0) return nothing;
  return html`<section aria-labelledby="not-checked">
    <h2 id="not-checked">Not checked</h2>
    <ul class="reasons">
      ${reasons.map(
        ({ because, ids, remedies }) =>
          html` <li>
            <strong>${counted(ids.length, 'rule')}:</strong> ${because}${
              remedies.length === 0 ? undefined : html` <small>To check them: ${remedies.join('; ')}</small>`
            }
          </li>`,
      )}
    </ul>
    ${
      acceptedUnexamined.length === 0
        ? undefined
        : html` <p>Accepted by --accept-unexamined: ${acceptedUnexamined.join(', ')}</p>`
    }
  </section>`;
}

/** In this order they are filtered. */
const outcomeWords: Readonly<Record<Outcome, string>> = {
  failed: 'failed',
  crashed: 'crashed',
  unexamined: 'not checked',
  passed: 'passed',
  'not-applicable': 'not applicable',
};

/** The outcome of every rule. The filter is shown by the script, without which it would do nothing. */
export function rulesSection({ rules }: Report, helps: ReadonlyMap<string, RuleHelp>): Markup {
  const counts = Object.entries(outcomeWords)
    .map(([outcome, word]) => ({ outcome, word, count: rules.filter((rule) => rule.outcome === outcome).length }))
    .filter(({ count }) => count > 0);
  return html`<section aria-labelledby="rules">
    <h2 id="rules">Every rule</h2>
    <form class="filter" hidden>
      <fieldset>
        <legend>Outcome</legend>
        ${counts.map(
          ({ outcome, word, count }) =>
            html` <label class="chip"
              ><input type="checkbox" name="outcome" value="${outcome}" checked /> ${word} <b>${count}</b></label
            >`,
        )}
      </fieldset>
      <label class="search">Search <input type="search" name="words" autocomplete="off" spellcheck="false" /></label>
    </form>
    <p class="shown" role="status">${counted(rules.length, 'rule')}</p>
    <ul class="rules">
      ${rules.map(
        ({ id, outcome, because }) =>
          html` <li data-outcome="${outcome}">
            <span class="badge ${outcome}">${outcomeWords[outcome]}</span>
            <div>
              ${ruleName(id, helps)}${
                helps.get(id) === undefined ? undefined : html` <span class="title">${helps.get(id)?.title}</span>`
              }${because === null ? undefined : html`<p>${because}</p>`}
            </div>
          </li>`,
      )}
    </ul>
  </section>`;
}
