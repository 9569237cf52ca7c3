export { close, open, read } from './file.ts';
