import { playOn } from './all.ts';

playOn(13);
