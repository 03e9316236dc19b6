@file:JvmName("KotlinWorkloads")

package asyncio.benchmarks

import java.util.concurrent.CountDownLatch
import java.util.function.LongSupplier
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Delay
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield

private const val FAR_MILLIS = 60_000L

fun switchOneTask(turns: Int) = runBlocking { takeTurns(turns) }

fun switchTasks(tasks: Int, turns: Int) = runBlocking {
    repeat(tasks) { launch { takeTurns(turns) } }
}

private suspend fun takeTurns(turns: Int) {
    repeat(turns) { yield() }
}

fun createJoin(count: Int) = runBlocking {
    repeat(count) { launch { yield() }.join() }
}

fun group(groups: Int, tasks: Int): Int = runBlocking {
    var sum = 0
    repeat(groups) {
        coroutineScope { repeat(tasks) { launch { sum++ } } }
    }
    sum
}

fun awaitFinished(futures: Int, times: Int): Int = runBlocking {
    val done = ArrayList<CompletableDeferred<Int>>()
    repeat(futures) { done.add(CompletableDeferred(it)) }
    var total = 0
    repeat(times) {
        for (future in done) {
            total += future.await()
        }
    }
    total
}

fun deadline(count: Int) = runBlocking {
    repeat(count) { withTimeout(FAR_MILLIS) { yield() } }
}

fun callSoon(count: Int): Int = runBlocking {
    val dispatcher = dispatcher()
    var sum = 0
    repeat(count) { dispatcher.dispatch(EmptyCoroutineContext) { sum++ } }
    yield()
    sum
}

/** What `measured` says while so many coroutines are suspended. */
fun suspended(tasks: Int, measured: LongSupplier): Long = runBlocking {
    val future = CompletableDeferred<Int>()
    repeat(tasks) { launch { future.await() } }
    yield()
    val result = measured.asLong
    future.complete(0)
    result
}

private fun CoroutineScope.dispatcher() = coroutineContext[ContinuationInterceptor] as CoroutineDispatcher

/** An event loop on a thread of its own, which waits for work until it is stopped. */
class KotlinLoop {
    private val stopped = CompletableDeferred<Unit>()
    private val started = CountDownLatch(1)
    private lateinit var dispatcher: CoroutineDispatcher // set before `started`
    private val thread =
        Thread {
            runBlocking {
                dispatcher = dispatcher()
                started.countDown()
                stopped.await()
            }
        }

    init {
        thread.start()
        started.await()
    }

    fun dispatch(callback: Runnable) = dispatcher.dispatch(EmptyCoroutineContext, callback)

    @OptIn(InternalCoroutinesApi::class)
    fun delay(): Delay = dispatcher as Delay

    fun stop() {
        stopped.complete(Unit)
        thread.join()
    }
}

/**
 * Timers of an event loop, which are armed and cancelled in it: what `withTimeout` uses, without the coroutine around
 * it, as a timer of asyncio's loop has none.
 */
@OptIn(InternalCoroutinesApi::class)
internal class KotlinTimers(private val delays: Delays) {
    private val loop = KotlinLoop()
    private val delay = loop.delay()
    private val outstanding = ArrayList<DisposableHandle>()
    private val fired = Runnable { error("a timer fired: the measurement took more than an hour") }

    fun arm(count: Int) = repeat(count) { outstanding.add(armOne(it)) }

    fun armAndCancel(count: Int) {
        val answer = Answer()
        loop.dispatch {
            repeat(count) { armOne(it).dispose() }
            answer.run()
        }
        answer.await()
    }

    private fun armOne(index: Int) =
        delay.invokeOnTimeout(delays.millis(index).toLong(), fired, EmptyCoroutineContext)

    fun stop() {
        outstanding.forEach { it.dispose() }
        loop.stop()
    }
}
