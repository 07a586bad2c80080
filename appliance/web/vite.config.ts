// SPDX-License-Identifier: Apache-2.0
// How the pages are built and tested, and to which Jackfield a page under development talks (JACKFIELD_URL).
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const target = process.env.JACKFIELD_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    // The gateway's content security policy allows own files only, so nothing is inlined as a data: address.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        advancedChunks: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|react-router|scheduler)\// },
            { name: 'patternfly', test: /node_modules\/@patternfly\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api': { target, changeOrigin: true, secure: false, ws: true } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
