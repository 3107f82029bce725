import { capitalized } from '../../findings/sentence.ts';
import { createHash } from 'node:crypto';

import type { Report } from '../../findings/report.ts';
import type { Scene } from '../../findings/scene.ts';
import { configurationSentence } from '../accepted.ts';
import { summaryLine } from '../compact.ts';
import { forLogs } from '../for-logs.ts';
import type { View } from '../renderer.ts';

import { sceneOf } from '../machines.ts';
import { home } from '../rule-address.ts';
import { verdictSentence, verdictWords } from '../verdict-text.ts';
import { doneSection } from './done.ts';
import { alsoFoundSection, problemsSection } from './findings.ts';
import { Markup, html, nothing } from './markup.ts';
import { planSection } from './plan.ts';
import { rulesSection, uncheckedSection } from './rules.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { topologySection } from './topology.ts';

/** The report as one page: it loads nothing, and nothing but its own script and style can take effect in it. */
export function htmlPage(report: Report, { rules = new Map() }: Pick<View, 'rules'>): string {
  const scene = sceneOf(report);
  const word = verdictWords[report.verdict];
  const title = report.subject.dataDirectory ?? report.subject.primary ?? report.command;
  const configuration = configurationSentence(report);
  return wholePage(
    `${word}: ${title}`,
    html`<header class="${report.verdict}">
        <p class="program">standbylint ${report.command}</p>
        <h1><span class="verdict">${word}</span> ${capitalized(verdictSentence(report, scene))}</h1>
        ${subjectList(report, scene)}
      </header>
      <main>
        ${topologySection(report, scene)} ${problemsSection(report, scene, rules)} ${planSection(report, scene)}
        ${doneSection(report, scene)} ${alsoFoundSection(report, scene, rules)} ${uncheckedSection(report)}
        ${rulesSection(report, rules)}
      </main>
      <footer>
        <p>${summaryLine(report)}</p>
        ${configuration === undefined ? undefined : html`<p>${configuration}</p>`} ${programLine(report)}
      </footer>`,
    Markup.ours(`<script>${script}</script>`),
  );
}

/** Which standbylint made it, and how long that took. */
export const programLine = ({ tool, elapsedMs }: Pick<Report, 'tool' | 'elapsedMs'>): Markup =>
  html`<p><a href="${home}">standbylint</a> ${tool.version}, ${(elapsedMs / 1000).toFixed(2)} s</p>`;

/** One page with the style of all pages. */
export function wholePage(title: string, body: Markup, script = nothing): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${pagePolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · standbylint</title>
        ${Markup.ours(`<style>${style}</style>`)}
      </head>
      <body>
        ${body} ${script}
      </body>
    </html> `;
  return forLogs(page.toString());
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What may take effect in the page, as a Content-Security-Policy. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function subjectList({ subject, startedAt }: Report, { endpoint, address, upstream, standby }: Scene): Markup {
  const version = subject.serverVersion === null ? undefined : `PostgreSQL ${subject.serverVersion}`;
  const rows = [
    ['Primary', `${endpoint}${address === undefined ? '' : ` (${address})`}`, upstream],
    [
      'Data directory',
      subject.dataDirectory,
      [standby === undefined ? undefined : version, standby].filter(isSet).join(', '),
    ],
    ['Configuration', subject.configFile, undefined],
    ['Managed by', subject.manager, undefined],
    ['Checked', `${startedAt.slice(0, 19).replace('T', ' ')} UTC`, undefined],
  ] as const;
  return html`<dl class="subject">
    ${rows.map(([name, value, more]) =>
      value === null || value === undefined
        ? undefined
        : html` <div>
            <dt>${name}</dt>
            <dd>${value}${more === undefined || more === '' ? undefined : html` <small>${more}</small>`}</dd>
          </div>`,
    )}
  </dl>`;
}

const isSet = (text: string | undefined): text is string => text !== undefined;
