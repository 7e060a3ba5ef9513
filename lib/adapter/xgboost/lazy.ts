/** XGBoost, loaded where it is asked. */
import type { Boosting } from '#port/boosting'

export const lazyXgboost: Boosting = {
  async learn(asked) {
    const { xgboost } = await import('./engine.ts')
    return xgboost.learn(asked)
  },
}
