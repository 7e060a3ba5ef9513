/** Days of the Gregorian calendar as whole numbers: 0 is 1970-01-01, a Thursday. */

/** Days from 1970-01-01 to a date of the Gregorian calendar (years counted from March, so that leap days come last). */
export function epochDay(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468
}

/** The year that a day lies in. */
export function yearOf(day: number): number {
  const near = 1970 + Math.floor(day / 365.2425)
  if (day < epochDay(near, 1, 1)) return near - 1
  return day < epochDay(near + 1, 1, 1) ? near : near + 1
}

export const SUNDAY = 0, MONDAY = 1, TUESDAY = 2, WEDNESDAY = 3, THURSDAY = 4, FRIDAY = 5, SATURDAY = 6

/** Day of the week, Sunday 0 to Saturday 6. */
export const weekdayOf = (day: number): number => (((day + THURSDAY) % 7) + 7) % 7

/** The first such weekday on or after a day. */
export const weekdayFrom = (day: number, weekday: number): number => day + ((weekday - weekdayOf(day) + 7) % 7)

/** Easter Sunday of the Gregorian calendar (Butcher's computus, as in Meeus, Astronomical Algorithms, chapter 8). */
export function easterOf(year: number): number {
  const golden = year % 19, century = Math.floor(year / 100), ofCentury = year % 100
  const leaps = Math.floor(century / 4), moon = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - leaps - moon + 15) % 30
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451)
  const sum = epact + toSunday - 7 * late + 114
  return epochDay(year, Math.floor(sum / 31), (sum % 31) + 1)
}
