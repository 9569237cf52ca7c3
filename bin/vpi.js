#!/usr/bin/env node
// The command `vpi`: runs on any Node from 18 on, and hands over to the project's own.
import { runProgram } from '../docker/bootstrap.js';

await runProgram('docker/cli', process.argv.slice(2));
