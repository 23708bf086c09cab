import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

export const PROBLEM = 'application/problem+json';
export const OPERATION_OUTCOME = 'application/fhir+json; charset=utf-8';

/** RFC 9457 problem details. */
export const problemBody = (status: number, title: string, detail: string, more: Record<string, unknown> = {}): object => ({ type: 'about:blank', title, status, detail, ...more });

const ISSUE_CODES: Readonly<Record<number, string>> = { 401: 'login', 403: 'forbidden', 404: 'not-found', 413: 'too-long' };

/** The same below /fhir, where clients read nothing else. */
export const operationOutcome = (status: number, _title: string, diagnostics: string): object => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: ISSUE_CODES[status] ?? (status < 500 ? 'invalid' : 'transient'), diagnostics }],
});

export const answer = (reply: FastifyReply, status: number, type: string, body: object): FastifyReply => reply.code(status).type(type).header('cache-control', 'no-store').send(JSON.stringify(body));

export const problem = (reply: FastifyReply, status: number, title: string, detail: string, more: Record<string, unknown> = {}): FastifyReply =>
  answer(reply, status, PROBLEM, problemBody(status, title, detail, more));

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/**
 * Everything comes from this origin's own files. Mantine writes `style` attributes, and `<style>` elements that carry the
 * page's nonce where the page has one. A sign-out form is answered by a redirect to the issuer, which counts as its target.
 */
export const contentSecurityPolicy = (nonce: string | undefined, formTargets: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${nonce === undefined ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    ["form-action 'self'", ...formTargets].join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

export const newNonce = (): string => randomBytes(16).toString('base64');

export const securityHeaders = (reply: FastifyReply, secure: boolean): void => {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('cross-origin-opener-policy', 'same-origin');
  reply.header('cross-origin-resource-policy', 'same-origin');
  reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
  reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (secure) reply.header('strict-transport-security', 'max-age=31536000');
};

const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#16202a}a{color:#0b5cad}code{background:#eef1f4;padding:0 .25rem}';

/** A page of front's own. `forward` leads on by itself: a navigation begun here, so that a Strict cookie set just now is sent along. */
export const page = (reply: FastifyReply, status: number, title: string, text: string, link?: { href: string; label: string; forward?: boolean }): FastifyReply => {
  const nonce = newNonce();
  const href = link ? escapeHtml(link.href) : '';
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', contentSecurityPolicy(nonce))
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">` +
        `${link?.forward ? `<meta http-equiv="refresh" content="0;url=${href}">` : ''}<title>${escapeHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head>` +
        `<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${link ? `<p><a href="${href}">${escapeHtml(link.label)}</a></p>` : ''}</main></body></html>`,
    );
};
