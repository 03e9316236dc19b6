package asyncio.benchmarks

import kotlinx.coroutines.runBlocking

/** Runs a coroutine that never suspends to its end. */
fun kotlinRunBlocking(): Int = runBlocking { 42 }
