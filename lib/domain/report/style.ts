/**
 * The look of a report. Up is blue and down is orange, which the common kinds of colour blindness keep apart; sign or position
 * says the same again. No font, image or style comes from outside.
 */

const COLOURS = `
:root{color-scheme:light dark;
--paper:#fcfbf8;--card:#f4f2ec;--ink:#1f1e1b;--soft:#5f5c55;--faint:#8a867c;--rule:#e3dfd5;--hair:#eeebe3;
--up:#1f6fa8;--down:#b8500f;--other:#8a867c;--wash:#1f6fa81a;--fall:#b8500f26;--held:#5f5c551f;--hover:#1f1e1b12;
--u1:#dcebf5;--u2:#b5d5ea;--u3:#85b9dc;--u4:#5298c8;--u5:#2777ae;--u6:#0f4f80;
--d1:#fae6d6;--d2:#f5cba8;--d3:#eda970;--d4:#dd823c;--d5:#bd5c17;--d6:#87390a}
@media (prefers-color-scheme:dark){:root{
--paper:#15171a;--card:#1d2024;--ink:#e7e4dd;--soft:#a9a59b;--faint:#7d7a72;--rule:#32363b;--hair:#25292d;
--up:#6bb3e6;--down:#f0975a;--other:#8f8b82;--wash:#6bb3e61f;--fall:#f0975a2e;--held:#a9a59b29;--hover:#ffffff14;
--u1:#1c3140;--u2:#20445e;--u3:#265f87;--u4:#3c83b5;--u5:#69afdf;--u6:#b3dcf7;
--d1:#3b281b;--d2:#56351d;--d3:#7c481f;--d4:#ab6429;--d5:#e08e4b;--d6:#fbcb9f}}`

const TEXT = `
*{box-sizing:border-box}
html{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
background:var(--paper);color:var(--ink);
-webkit-text-size-adjust:100%;text-size-adjust:100%;font-variant-numeric:tabular-nums}
body{margin:0 auto;padding:clamp(1.5rem,5vw,4.5rem) clamp(1.1rem,4vw,2.5rem) 4rem;max-width:64rem;
overflow-wrap:break-word}
h1,h2,.lede,.value{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Charter,Georgia,"Liberation Serif",serif}
h1{font-size:clamp(1.8rem,4.6vw,2.9rem);line-height:1.14;letter-spacing:-.012em;font-weight:500;margin:.35rem 0 1rem;
text-wrap:balance}
h2{font-size:1.5rem;line-height:1.25;font-weight:500;margin:0 0 .6rem;letter-spacing:-.005em}
h3{font-size:1.06rem;margin:0;font-weight:650;letter-spacing:.01em}
p{margin:0 0 .8rem}
section{margin-top:clamp(2.6rem,6vw,4.2rem)}
.eyebrow{margin:0;color:var(--soft);font-size:.84rem;letter-spacing:.06em}
.lede{font-size:clamp(1.13rem,2.3vw,1.36rem);line-height:1.5;max-width:44rem;margin:0;color:var(--ink);
text-wrap:pretty}
.note,.absent{color:var(--soft);font-size:.92rem;max-width:46rem}
.absent{font-style:italic}
.warning{color:var(--down)}
code{font:.86em/1.4 ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.id{user-select:all;-webkit-user-select:all;color:var(--soft);background:var(--card);padding:.05em .35em;
border-radius:3px;white-space:nowrap}
a{color:inherit;text-decoration-color:var(--faint);text-underline-offset:.2em}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--up);outline-offset:2px}
nav{margin-top:1.5rem;font-size:.88rem;color:var(--soft);display:flex;flex-wrap:wrap;gap:.2rem 1.3rem}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--rule);color:var(--faint);font-size:.84rem}`

const HEADLINE = `
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:0;margin:2.4rem 0 0;border-top:1px solid var(--rule)}
.figure{padding:1rem 1.1rem 1.05rem 0;border-bottom:1px solid var(--rule);min-width:0}
.figure dt{font-size:.82rem;color:var(--soft)}
.figure dd{margin:0}
.value{font-size:1.72rem;line-height:1.25}
.value.plus{color:var(--up)}.value.minus{color:var(--down)}
.unknown .value{font-size:1.2rem;line-height:1.8;color:var(--faint);font-style:italic}
.beside{font-size:.82rem;line-height:1.45;color:var(--soft)}
.interval{display:block;position:relative;height:12px;margin-top:.45rem;
background:linear-gradient(var(--rule),var(--rule)) center/100% 1px no-repeat}
.interval i{position:absolute;top:50%}
.range{height:6px;margin-top:-3px;background:var(--up);opacity:.35;border-radius:3px}
.base{width:2px;height:12px;margin:-6px 0 0 -1px;background:var(--soft)}
.dot{width:8px;height:8px;margin:-4px 0 0 -4px;border-radius:50%;background:var(--up)}
.caveats{margin-top:2.6rem;padding:1.3rem 1.5rem 1.2rem;background:var(--card);border-radius:6px}
.caveats h2{font-size:1.16rem}
.caveats ul{margin:0;padding:0;list-style:none;columns:2;column-gap:2.4rem;font-size:.92rem}
.caveats li{break-inside:avoid;padding:.1rem 0 .55rem;text-wrap:pretty}`

const PLOTS = `
figure{margin:1rem 0 0}
.keys{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.4rem;font-size:.86rem;color:var(--soft);
margin-bottom:.7rem}
.key{display:inline-flex;align-items:center;gap:.45rem}.key b{color:var(--ink);font-weight:600}
.key .line{width:22px;border-top:2.5px solid var(--up)}.key .other{border-top:2px dashed var(--other)}
.plot{position:relative;margin-left:3.4rem}
.plot svg{position:relative;display:block;width:100%;height:100%;overflow:visible}
.tall{height:clamp(220px,40vw,350px)}.strip{height:62px}
.strip-name{margin:1.25rem 0 .35rem 3.4rem;font-size:.8rem;color:var(--soft)}
.rule{position:absolute;left:0;right:0;border-top:1px solid var(--hair)}
.zero{border-color:var(--faint)}
.rule b{position:absolute;right:100%;top:-.75em;padding-right:.6rem;font-weight:400;font-size:.75rem;line-height:1.5;
color:var(--soft);white-space:nowrap}
path.line{fill:none;vector-effect:non-scaling-stroke;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
path.own{stroke:var(--up)}path.other{stroke:var(--other);stroke-width:1.7;stroke-dasharray:5 4}
path.fall-edge{stroke:var(--down);stroke-width:1.2}
path.wash{fill:var(--wash)}path.fall{fill:var(--fall)}path.held{fill:var(--held)}
.hover{fill:transparent}.hover:hover{fill:var(--hover)}
.days{position:relative;height:1.5rem;margin-left:3.4rem;margin-top:.45rem}
.days span{position:absolute;font-size:.75rem;color:var(--soft);white-space:nowrap;transform:translateX(-50%)}
.days span:first-child{transform:none}
.cells .days,.spread .days{margin-left:0}.spread .days span:last-child{transform:translateX(-100%)}`

const HEAT = `
.ramp{display:inline-flex;align-items:center}.ramp b{font-weight:400;padding:0 .5rem}
.ramp b:first-child{padding-left:0}
.ramp b{white-space:nowrap}.sw{width:clamp(9px,2.2vw,17px);height:12px}.gap{width:4px}
${['u', 'd'].flatMap((side) => [1, 2, 3, 4, 5, 6].map((depth) => `.${side}${depth}{fill:var(--${side}${depth});
background:var(--${side}${depth})}`)).join('')}
.map{display:flex}
.subjects{list-style:none;margin:0;padding:0 .7rem 0 0;font-size:.78rem;line-height:20px;text-align:right;flex:none;
max-width:9rem}
.subjects li{height:20px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.scroll{flex:1;min-width:0;overflow-x:auto;overscroll-behavior-x:contain}
.cells{position:relative}
.cells svg{display:block;width:100%;background:linear-gradient(var(--hair) 1px,transparent 1px) 0 8px/100% 20px}
.cells rect:hover{stroke:var(--ink);stroke-width:1.5px;vector-effect:non-scaling-stroke}
.mark{display:inline-block;width:6px;height:6px;border-radius:50%;border:1.5px solid var(--ink);
box-shadow:0 0 0 1px var(--paper)}
.cells .mark{position:absolute;transform:translate(-50%,-50%);pointer-events:none}
.bought{background:var(--ink)}.sold{background:var(--paper)}
.both{background:linear-gradient(90deg,var(--ink) 50%,var(--paper) 50%)}`

const TRADES = `
.spread{margin:1.4rem 0 2rem}
.bins{position:relative;height:96px;border-bottom:1px solid var(--faint)}
.bins svg{display:block;width:100%;height:100%}
rect.plus{fill:var(--up)}rect.minus{fill:var(--down)}.bins rect{opacity:.8}
.pin{position:absolute;top:-4px;bottom:-5px;width:0;border-left:2px solid var(--ink)}
.pin.mean{border-left-style:dotted}
.tick{display:inline-block;height:13px;border-left:2px solid var(--ink)}.tick.mean{border-left-style:dotted}
.sorting{font-size:.86rem;color:var(--soft);margin-bottom:.3rem}
.sorting button{font:inherit;color:inherit;background:none;border:0;padding:.3rem .5rem;cursor:pointer;
text-decoration:underline;text-decoration-color:var(--rule);text-underline-offset:.25em}
.sorting button[aria-pressed=true]{color:var(--ink);text-decoration-color:var(--ink)}
.trades{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:1fr 1fr;column-gap:3rem}
.trade{border-top:1px solid var(--rule);padding:1rem 0 1.1rem;min-width:0;break-inside:avoid}
.trade header{display:flex;align-items:baseline;gap:.6rem}
.trade p{margin:0}
.chip{font-size:.76rem;color:var(--soft);border:1px solid var(--rule);border-radius:99px;padding:0 .55em}
.trade .result{margin-left:auto;text-align:right;white-space:nowrap}
.result b{font-weight:650}.result span{color:var(--soft);font-size:.88rem;padding-left:.35rem}
.gain .result b{color:var(--up)}.loss .result b{color:var(--down)}.open .result b{color:var(--soft);font-weight:400;
font-style:italic}
.deal,.when{font-size:.88rem;color:var(--soft)}.to{color:var(--faint)}
.trade .why{font-size:.92rem;margin-top:.55rem;text-wrap:pretty}
table{border-collapse:collapse;width:100%}
.terms{font-size:.82rem;margin:.35rem 0 .1rem;color:var(--soft)}
caption{text-align:left}.terms caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.terms th,.amounts th{font-weight:400;text-align:left;padding:.12rem .6rem .12rem 0;vertical-align:top}
.terms th{width:54%}
.num{text-align:right;white-space:nowrap}.terms .num{width:3.6rem;color:var(--ink)}.terms .of{width:5.6rem;
padding-left:.7rem;white-space:nowrap}
.bar{padding:0;height:1px}.bar span{display:block;position:relative;height:100%;min-height:1.4em}
.bar i{position:absolute;top:50%;height:8px;margin-top:-4px;min-width:1px}.bar .zero{top:0;bottom:0;height:auto;
margin:0;width:1px;background:var(--rule)}
.bar .plus{background:var(--up);border-radius:0 2px 2px 0}.bar .minus{background:var(--down);
border-radius:2px 0 0 2px}
.terms .sum th,.terms .sum td{border-top:1px solid var(--rule)}
details{font-size:.84rem;margin-top:.5rem;color:var(--soft)}
summary{cursor:pointer;width:max-content}
.records{margin:.4rem 0 0}.records div{display:flex;gap:.7rem;padding:.1rem 0}.records dt{flex:0 0 4.6rem;
color:var(--faint)}.records dd{margin:0;min-width:0}`

const CLOSING = `
.sources{display:grid;grid-template-columns:1.25fr 1fr;gap:2rem 3rem;align-items:start}
.sources div .amounts+.amounts{margin-top:2rem}
.amounts{font-size:.88rem}.amounts caption{color:var(--soft);padding-bottom:.4rem}
.amounts th{max-width:11rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.amounts .bar{width:45%}
.amounts .num{padding-left:.8rem}
.amounts .rest th,.amounts .rest td{color:var(--faint);font-style:italic}
.refusals{font-size:.88rem}.refusals th,.refusals td{text-align:left;vertical-align:top;
padding:.45rem 1.1rem .45rem 0;border-top:1px solid var(--rule)}
.refusals thead th{border:0;font-weight:400;color:var(--soft)}.refusals .num{text-align:right}
.refusals td:nth-child(4){color:var(--soft)}
.root{display:flex;gap:.7rem;align-items:baseline;color:var(--soft)}.root .id{white-space:normal;
overflow-wrap:anywhere}
pre{background:var(--card);border-radius:6px;padding:1rem 1.2rem;overflow-x:auto;line-height:1.7}
.kinds{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;padding:0;font-size:.86rem;color:var(--soft)}
.kinds b{color:var(--ink);font-weight:600}
#tip{position:fixed;z-index:2;pointer-events:none;max-width:17rem;background:var(--ink);color:var(--paper);
font-size:.8rem;line-height:1.4;padding:.35rem .6rem;border-radius:4px}`

const CERTAINTY = `
.bands{margin:1.2rem 0 0;font-size:.92rem}.bands th{font-weight:400;text-align:left;white-space:nowrap;padding:.5rem 1rem .5rem 0}
.bands tr+tr th,.bands tr+tr td{border-top:1px solid var(--hair)}
.bands .num{font-weight:600}.bands .band{width:46%;padding:0 1.2rem}.bands .interval{margin:0;height:16px}
.bands .range{height:8px;margin-top:-4px}
.bands .ends,.bands .of{white-space:nowrap;color:var(--soft);font-size:.86rem}.bands .of{text-align:right;padding-left:1rem}
.ladder{display:grid;grid-template-columns:repeat(3,1fr);gap:0 2rem;margin-top:2.2rem}
.ladder div{border-top:2px solid var(--rule);padding-top:.8rem;min-width:0}.ladder div:nth-child(2){border-color:var(--u3)}
.ladder div:nth-child(3){border-color:var(--up)}
.ladder b{display:block;font-weight:400}.ladder span{font-size:.9rem}.ladder p{font-size:.86rem;color:var(--soft);margin:.5rem 0 0;text-wrap:pretty}
.meant{display:grid;grid-template-columns:minmax(0,1.1fr) 1fr;gap:1rem 3rem;align-items:start}.meant>div{padding-top:1rem}
.square{aspect-ratio:1}.counts{height:54px;margin-top:10px;border-bottom:1px solid var(--faint)}
.reliability .days span:last-child{transform:translateX(-100%)}
.agree{fill:none;stroke:var(--other);stroke-width:1.5;stroke-dasharray:5 4;vector-effect:non-scaling-stroke}
.point path{stroke:var(--up);stroke-width:1.5;vector-effect:non-scaling-stroke}.point circle{fill:var(--up);opacity:.85}
.few{opacity:.4}.counts rect{fill:var(--u3)}
.axis{margin:.2rem 0 0 3.4rem;font-size:.8rem;color:var(--soft)}
.tests{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:2rem 3rem;align-items:start}
.tests p{font-size:.92rem;margin:.5rem 0 0;text-wrap:pretty}.tests .amounts .bar{width:34%}
.tests .amounts th{max-width:none;white-space:normal}
.assumed{margin-top:1.6rem}.assumed .terms td{vertical-align:top;padding:.12rem 0}.assumed .terms th{width:11rem}
.assumed .terms td:last-child{padding-left:1rem}
.assumed .terms .num{width:5rem}`

const MEDIA = `
@media screen and (max-width:52rem){.figures{grid-template-columns:1fr 1fr}.figure:nth-child(even){padding-left:1.1rem;
border-left:1px solid var(--rule)}
.caveats ul{columns:1}.trades,.sources,.meant,.ladder{grid-template-columns:1fr}.ladder{gap:1.4rem}}
@media screen and (max-width:34rem){.bands tr{display:grid;grid-template-columns:1fr auto;border-top:1px solid var(--hair);padding:.45rem 0}
.bands tr+tr th,.bands tr+tr td{border:0}.bands th,.bands td{padding:0}.bands .band{grid-column:1/-1;width:auto;padding:.25rem 0}
.axis{margin-left:2.9rem}.assumed .terms th{width:7rem}.assumed .terms .num{width:auto;padding-left:.5rem}
html{font-size:15px}.value{font-size:1.45rem}.figure,.figure:nth-child(even){padding-left:0}
.figure{padding-right:.6rem}
.figure:nth-child(even){padding-left:.9rem}.caveats{margin-left:-.4rem;margin-right:-.4rem;
padding:1.1rem 1.1rem .8rem}
.plot,.days,.strip-name{margin-left:2.9rem}.terms th{width:42%}.terms .of{display:none}
.refusals thead{position:absolute;clip-path:inset(50%)}.refusals tr{display:grid;grid-template-columns:auto 1fr auto;
gap:0 .8rem;border-top:1px solid var(--rule);padding:.5rem 0}
.refusals th,.refusals td{border:0;padding:0}.refusals td:nth-child(2){grid-column:3;grid-row:1}
.refusals td:nth-child(3),.refusals td:nth-child(4){grid-column:1/-1}.refusals td:nth-child(5){grid-column:2;
grid-row:1;text-align:right}}
@media print{:root{--paper:#fff;--card:#f6f5f1}html{font-size:9.5pt;-webkit-print-color-adjust:exact;
print-color-adjust:exact}body{max-width:none;padding:0}
nav,.sorting,#tip{display:none!important}section{margin-top:1.6rem}h2{break-after:avoid}
figure,.caveats,tr{break-inside:avoid}
.tall{height:230px}details:not([open]),summary{display:none}.note{break-after:avoid}.scroll{overflow:visible}.cells{min-width:0!important}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}`

export const STYLE = [COLOURS, TEXT, HEADLINE, PLOTS, HEAT, TRADES, CLOSING, CERTAINTY, MEDIA].join('').replace(/\n/g, '')
