import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Everything is served by `front` from one origin; `vite dev` is only for working on the pages and passes calls on to it. */
export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, sourcemap: false, chunkSizeWarningLimit: 900 },
  server: { proxy: Object.fromEntries(['/api', '/session', '/signin', '/signout', '/callback'].map((path) => [path, 'http://127.0.0.1:7400'])) },
});
