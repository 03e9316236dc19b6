@file:JvmName("KotlinCoordinationWorkloads")

package asyncio.benchmarks

import java.util.concurrent.Executors
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.channels.produce
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield

private const val FAR_MILLIS = 60_000L
private const val ITEM = 1

private val executor =
    Executors.newCachedThreadPool { Thread(it).apply { isDaemon = true } }.asCoroutineDispatcher()

fun hop(capacity: Int, items: Int): Int = runBlocking {
    val channel = Channel<Int>(capacity) // RENDEZVOUS is 0, UNLIMITED is Int.MAX_VALUE
    launch { sendAll(channel, items) }
    var total = 0
    repeat(items) { total += channel.receive() }
    total
}

private suspend fun sendAll(channel: SendChannel<Int>, items: Int) {
    repeat(items) { channel.send(ITEM) }
}

fun selectOfTwo(items: Int): Int = runBlocking {
    val left = Channel<Int>()
    val right = Channel<Int>()
    launch { sendAll(left, items / 2) }
    launch { sendAll(right, items / 2) }
    var fromLeft = 0
    repeat(items) {
        fromLeft += select<Int> {
            left.onReceive { it }
            right.onReceive { 0 }
        }
    }
    fromLeft
}

fun lockHandOver() = runBlocking {
    val mutex = Mutex(locked = true)
    val handOvers = HandOvers()
    repeat(2) { launch { takeTurns(mutex, it, handOvers) } }
    yield() // both wait
    mutex.unlock()
}

private suspend fun takeTurns(mutex: Mutex, task: Int, handOvers: HandOvers) {
    do {
        mutex.lock()
        val more = handOvers.takenBy(task)
        mutex.unlock()
    } while (more)
}

fun semaphoreHandOver() = runBlocking {
    val semaphore = Semaphore(1, acquiredPermits = 1)
    val handOvers = HandOvers()
    repeat(2) { launch { takeTurns(semaphore, it, handOvers) } }
    yield() // both wait
    semaphore.release()
}

private suspend fun takeTurns(semaphore: Semaphore, task: Int, handOvers: HandOvers) {
    do {
        semaphore.acquire()
        val more = handOvers.takenBy(task)
        semaphore.release()
    } while (more)
}

fun semaphoreFree(times: Int): Int = runBlocking {
    val semaphore = Semaphore(1)
    var total = 0
    repeat(times) {
        semaphore.acquire()
        if (semaphore.availablePermits == 0) {
            total++
        }
        semaphore.release()
    }
    total
}

fun flow(steps: Int): Int = runBlocking {
    var total = 0
    flow { repeat(steps) { emit(ITEM) } }.collect { total += it }
    total
}

@OptIn(ExperimentalCoroutinesApi::class)
fun produce(steps: Int): Int = runBlocking {
    val items = produce { repeat(steps) { send(ITEM) } }
    var total = 0
    var item = items.receiveCatching()
    while (item.isSuccess) {
        total += item.getOrThrow()
        item = items.receiveCatching()
    }
    total
}

fun moveOn(count: Int): Int = runBlocking {
    var total = 0
    repeat(count) {
        if (withTimeoutOrNull(FAR_MILLIS) { yield() } != null) {
            total++
        }
    }
    total
}

fun inputOutputTrip(count: Int): Int = runBlocking {
    var total = 0
    repeat(count) { total += withContext(Dispatchers.IO) { ITEM } }
    total
}

fun executorTrip(count: Int): Int = runBlocking {
    var total = 0
    repeat(count) { total += withContext(executor) { ITEM } }
    total
}
