/** Tells which tests passed only when they were repeated: a repetition in CI hides nothing. */
export default class RetriedReporter {
  #retried = [];

  onTestCaseResult(test) {
    const { flaky = false, retryCount = 0 } = test.diagnostic() ?? {};
    if (flaky) this.#retried.push(`  ${retryCount + 1} attempts  ${test.module.relativeModuleId}  ${test.fullName}`);
  }

  onTestRunEnd() {
    if (this.#retried.length === 0) return;
    console.log(`\nPassed only when repeated: ${this.#retried.length}`);
    for (const line of this.#retried) console.log(line);
  }
}
