import { cases, slides } from './cases.ts'
import { proveCaptures } from './prove.ts'

proveCaptures(cases.filter(slides))
