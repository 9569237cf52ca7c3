#!/usr/bin/env node
// The command `vpi`: runs on any Node from 18 on, and hands over to the project's own.
import { runProgram } from '../docker/bootstrap.js';
import { doctor } from '../docker/doctor.js';

const [command, ...rest] = process.argv.slice(2);
if (command === 'doctor' && rest.length === 0) process.exitCode = doctor();
else await runProgram('docker/cli', process.argv.slice(2));
