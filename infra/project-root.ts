import { fileURLToPath } from 'node:url';

/** The folder of the project, as an absolute path that ends in a separator. Nothing else computes a path from where its own file lies. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url));
