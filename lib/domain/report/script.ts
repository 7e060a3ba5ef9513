/**
 * What makes a report nicer to touch: titles shown at once under pointer or finger, and trades sorted by choice. A page without
 * it says the same.
 */
export const SCRIPT = `(function () {
  var tip = document.createElement('div'), shown
  tip.id = 'tip'; tip.hidden = true; document.body.appendChild(tip)
  function hide() {
    if (shown) shown.textContent = tip.textContent
    shown = undefined; tip.hidden = true
  }
  document.addEventListener('pointerover', function (event) {
    hide()
    var title = event.target.querySelector && event.target.tagName === 'rect' && event.target.querySelector('title')
    if (!title) return
    tip.textContent = title.textContent; title.textContent = ''; shown = title; tip.hidden = false
    place(event)
  })
  document.addEventListener('pointermove', place)
  document.addEventListener('pointerleave', hide)
  document.addEventListener('scroll', hide, true)
  function place(event) {
    if (tip.hidden) return
    var left = event.clientX + 14, top = event.clientY + 16
    if (left + tip.offsetWidth > innerWidth - 8) left = Math.max(8, event.clientX - tip.offsetWidth - 10)
    if (top + tip.offsetHeight > innerHeight - 8) top = event.clientY - tip.offsetHeight - 12
    tip.style.left = left + 'px'; tip.style.top = top + 'px'
  }
  var sorting = document.querySelector('.sorting'), trades = document.querySelector('.trades')
  if (!sorting || !trades) return
  sorting.hidden = false
  sorting.addEventListener('click', function (event) {
    var by = event.target.dataset.by
    if (!by) return
    sorting.querySelectorAll('button').forEach(function (button) {
      button.setAttribute('aria-pressed', String(button === event.target))
    })
    var sign = by === 'when' ? 1 : -1
    Array.from(trades.children)
      .sort(function (a, b) { return sign * (Number(a.dataset[by]) - Number(b.dataset[by])) })
      .forEach(function (trade) { trades.appendChild(trade) })
  })
})()`
