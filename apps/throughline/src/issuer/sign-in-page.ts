import { createHash } from 'node:crypto';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-users.js';

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f5f7;color:#16202a}
main{max-width:30rem;margin:3rem auto;padding:1.5rem 2rem 2rem;background:#fff;border-radius:.5rem;box-shadow:0 1px 4px #0003}
h1{font-size:1.4rem;margin:.25rem 0 1rem}
.demo{background:#fff3cd;border:2px solid #8a6100;color:#4d3800;padding:.5rem .75rem;border-radius:.25rem;font-weight:600}
.error{background:#fde8e8;border:2px solid #b42318;color:#7a1810;padding:.5rem .75rem;border-radius:.25rem}
fieldset{border:1px solid #8895a3;border-radius:.25rem;margin:1rem 0;padding:.5rem .75rem}
.user{display:flex;gap:.6rem;padding:.25rem 0;align-items:baseline}
.about{color:#45525f;font-size:.9rem}
label.field{display:block;font-weight:600;margin-top:1rem}
input[type=password]{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #5b6875;border-radius:.25rem}
button{font:inherit;font-weight:600;margin-top:1.25rem;padding:.6rem 1.2rem;border:0;border-radius:.25rem;background:#0b5cad;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #0b5cad;outline-offset:2px}
`;

const SUBMIT = `document.getElementById('op.logoutForm').submit();`;
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The issuer's pages carry one style and one script, both named by their hash; forms may lead to `formTargets` only. */
export const contentSecurityPolicy = (formTargets: readonly string[]): string =>
  [
    "default-src 'none'",
    'img-src data:',
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SUBMIT)}`,
    `form-action 'self' ${formTargets.join(' ')}`.trim(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

const page = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>`;

const DEMO_NOTICE = `<p class="demo">DEMO SIGN-IN. These users are made up and their password is public. For trying Throughline on this machine only.</p>`;

export const signInPage = (uid: string, failure?: string): string =>
  page(
    'Sign in to Throughline (demo)',
    `${DEMO_NOTICE}
<h1>Sign in to Throughline</h1>
${failure ? `<p class="error" role="alert" id="failure">${escapeHtml(failure)}</p>` : ''}
<form method="post" action="/interaction/${encodeURIComponent(uid)}/login">
<fieldset><legend>Sign in as</legend>
${DEMO_USERS.map(
  (user, at) =>
    `<div class="user"><input type="radio" name="user" id="${user.id}" value="${user.id}"${at === 0 ? ' checked' : ''} required>` +
    `<label for="${user.id}">${escapeHtml(user.name)} <span class="about">${escapeHtml(user.about)}</span></label></div>`,
).join('\n')}
</fieldset>
<label class="field" for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required aria-describedby="hint${failure ? ' failure' : ''}"${failure ? ' autofocus' : ''}>
<p class="about" id="hint">The password of every demo user is <code>${DEMO_PASSWORD}</code></p>
<button type="submit">Sign in</button>
</form>`,
  );

/** The form that the provider hands over confirms a sign-out the person has already asked for; it submits itself. */
export const signOutPage = (form: string): string =>
  page(
    'Signing out',
    `<h1>Signing out of Throughline</h1>${form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>')}
<button type="submit" form="op.logoutForm">Sign out</button>
<script>${SUBMIT}</script>`,
  );

export const messagePage = (title: string, text: string): string => page(title, `${DEMO_NOTICE}<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`);
