/** An open-addressed table of hashes: which entries may be the one that is looked for. */

import { assert } from '@tcpstack/bytes/assert';

const WORDS = 2;
const PLACES_MIN = 64;

/**
 * A place is two words: a hash, whole, and one more than the index of an entry, 0 for a free place. Entries are the
 * owner's, and only it can tell which one is meant: other ones have the same 32 bits once in 2^32. Linear probing, at
 * most half full, at least an eighth. Growing copies hashes and computes none: one pause of about 2 ms at 65,536 entries.
 *
 *     for (let place = places.home(hash); (index = places.indexAt(place)) >= 0; place = places.next(place))
 *       if (places.hashAt(place) === hash && ...) return index;
 */
export class HashPlaces {
  #words = new Int32Array(WORDS * PLACES_MIN);
  #mask = PLACES_MIN - 1;
  #size = 0;

  /** Places, free ones and taken ones. */
  get places(): number {
    return this.#mask + 1;
  }

  /** Where the search for a hash begins. */
  home(hash: number): number {
    return hash & this.#mask;
  }

  /** Where the search goes on. */
  next(place: number): number {
    return (place + 1) & this.#mask;
  }

  hashAt(place: number): number {
    return this.#words[place * WORDS] as number;
  }

  /** The index of the entry there, -1 for none: the search ends. */
  indexAt(place: number): number {
    return (this.#words[place * WORDS + 1] as number) - 1;
  }

  /** Where this entry is filed. */
  placeOf(hash: number, index: number): number {
    let place = this.home(hash);
    for (let at = this.indexAt(place); at !== index; at = this.indexAt(place)) {
      assert(at >= 0, 'an entry is filed under its hash');
      place = this.next(place);
    }
    return place;
  }

  /** Files an entry. */
  add(hash: number, index: number): void {
    this.#size++;
    if (this.#size * 2 > this.places) this.#resize(this.places * 2);
    this.#put(hash, index + 1);
  }

  /** The entry filed under this hash and index has another index from now on. */
  move(hash: number, index: number, newIndex: number): void {
    this.#words[this.placeOf(hash, index) * WORDS + 1] = newIndex + 1;
  }

  /** Frees the place of an entry. */
  remove(hash: number, index: number): void {
    this.#closeGap(this.placeOf(hash, index));
    this.#size--;
    if (this.places > PLACES_MIN && this.#size * 8 < this.places) this.#resize(this.places / 2);
  }

  #put(hash: number, tagged: number): void {
    const words = this.#words;
    let place = hash & this.#mask;
    while (words[place * WORDS + 1] !== 0) place = (place + 1) & this.#mask;
    words[place * WORDS] = hash;
    words[place * WORDS + 1] = tagged;
  }

  /** Moves later entries of the probe run back over a freed place. */
  #closeGap(freed: number): void {
    const words = this.#words;
    let gap = freed;
    for (let place = this.next(gap); words[place * WORDS + 1] !== 0; place = this.next(place)) {
      const home = (words[place * WORDS] as number) & this.#mask;
      // The entry may move when its home does not lie between the gap (exclusive) and its place.
      if (((place - home) & this.#mask) < ((place - gap) & this.#mask)) continue;
      words[gap * WORDS] = words[place * WORDS] as number;
      words[gap * WORDS + 1] = words[place * WORDS + 1] as number;
      gap = place;
    }
    words[gap * WORDS + 1] = 0;
  }

  #resize(places: number): void {
    const old = this.#words;
    this.#words = new Int32Array(WORDS * places);
    this.#mask = places - 1;
    for (let w = 0; w < old.length; w += WORDS) {
      if (old[w + 1] !== 0) this.#put(old[w] as number, old[w + 1] as number);
    }
  }
}
