import t from 'tap';
import { killAtCrashWindows } from './crash-windows.js';

await killAtCrashWindows(t);
