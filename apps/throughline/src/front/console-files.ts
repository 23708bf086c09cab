import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { contentSecurityPolicy, newNonce, page, problem } from './answers.js';

/** Stands in the console's index.html where the page's nonce belongs. */
const NONCE_MARK = '__CSP_NONCE__';

/** The console: its files as they are, and its index page for every other address (the console has its own paths). */
export const consoleRoutes = async (app: FastifyInstance, folder: string, issuerUrl: string): Promise<void> => {
  await app.register(fastifyStatic, { root: existsSync(folder) ? folder : import.meta.dirname, serve: false, cacheControl: false });
  const index = join(folder, 'index.html');

  app.get('/*', (request, reply) => {
    const path = decodeURIComponent(request.url.split('?')[0] ?? '/');
    const file = resolve(folder, `.${path}`);
    const inside = file.startsWith(folder + sep) && file !== index;
    if (inside && existsSync(file) && statSync(file).isFile()) {
      // Built files carry a hash in their names, so the copy in the browser never goes stale.
      reply.header('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      return reply.sendFile(path.slice(1), folder);
    }
    if (!(request.headers.accept ?? '').includes('text/html') || path.startsWith('/assets/') || path.startsWith('/api')) return problem(reply, 404, 'Not Found', 'There is nothing at this address.');
    if (!existsSync(index)) return page(reply, 200, 'Throughline runs; the console is not built', 'Build it with `npm run build` in the checkout and load this page again. The HTTP interface is listed at /api.', { href: '/api', label: '/api' });
    const html = readFileSync(index, 'utf8');
    const nonce = html.includes(NONCE_MARK) ? newNonce() : undefined;
    const policy = contentSecurityPolicy(nonce, [new URL(issuerUrl).origin]);
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('content-security-policy', policy).send(nonce === undefined ? html : html.replaceAll(NONCE_MARK, nonce));
  });
};
