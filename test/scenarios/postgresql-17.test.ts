import { playOn } from './all.ts';

playOn(17);
