import t from 'tap';
import { killAtCrashWindows } from './crash-windows.js';

// One before a decision, one before a call, one while settling, one before a revert.
await killAtCrashWindows(t, ['accepted', 'plan-claimed', 'plan-settling', 'reverting']);
