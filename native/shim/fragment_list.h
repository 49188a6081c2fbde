// A std::forward_list for llama-vocab.cpp in which an element knows the one before it. That file keeps the fragments of a
// text in such a list: the special tokens found and the text between them. For every special token found it counts twice
// from the start of the list: 20,000 tokens took seconds, 100,000 minutes. The two functions that count are replaced.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

namespace lem {

struct fragment_link {
    fragment_link * before = nullptr;
    fragment_link * after  = nullptr;
};

template <typename T>
struct fragment_node : fragment_link {
    template <typename... Arguments>
    explicit fragment_node(Arguments &&... arguments) : value(std::forward<Arguments>(arguments)...) {}

    T value;
};

template <typename T>
class fragment_iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type        = T;
    using difference_type   = std::ptrdiff_t;
    using pointer           = T *;
    using reference         = T &;

    explicit fragment_iterator(fragment_link * link) : link(link) {}

    T & operator*() const { return static_cast<fragment_node<T> *>(link)->value; }
    T * operator->() const { return &**this; }

    fragment_iterator & operator++() {
        link = link->after;
        return *this;
    }

    fragment_iterator operator++(int) {
        const fragment_iterator old = *this;
        ++*this;
        return old;
    }

    bool operator==(const fragment_iterator & other) const { return link == other.link; }
    bool operator!=(const fragment_iterator & other) const { return link != other.link; }

    fragment_link * link;
};

// The part of std::forward_list's interface that is used.
template <typename T>
class fragment_list {
public:
    using iterator = fragment_iterator<T>;

    fragment_list()                                  = default;
    fragment_list(const fragment_list &)             = delete;
    fragment_list & operator=(const fragment_list &) = delete;

    ~fragment_list() {
        while (head.after != nullptr) {
            erase_after(before_begin());
        }
    }

    iterator before_begin() { return iterator(&head); }
    iterator begin() { return iterator(head.after); }
    iterator end() { return iterator(nullptr); }

    template <typename... Arguments>
    void emplace_front(Arguments &&... arguments) {
        emplace_after(before_begin(), std::forward<Arguments>(arguments)...);
    }

    template <typename... Arguments>
    iterator emplace_after(iterator place, Arguments &&... arguments) {
        fragment_link * added = new fragment_node<T>(std::forward<Arguments>(arguments)...);
        added->before         = place.link;
        added->after          = place.link->after;
        if (added->after != nullptr) {
            added->after->before = added;
        }
        place.link->after = added;
        return iterator(added);
    }

    iterator erase_after(iterator place) {
        fragment_link * erased = place.link->after;
        place.link->after      = erased->after;
        if (erased->after != nullptr) {
            erased->after->before = place.link;
        }
        delete static_cast<fragment_node<T> *>(erased);
        return iterator(place.link->after);
    }

private:
    fragment_link head;
};

// Replaces the number of fragments before one: it refers to the fragment itself.
template <typename T>
struct fragment_place {
    fragment_link * link;

    bool           operator==(int) const { return link->before->before == nullptr; }  // == 0: it is the first one
    fragment_place operator-(int) const { return { link->before }; }                  // - 1: the one before
};

}  // namespace lem

// llama-vocab.cpp writes std:: before all three names, so they must be here.
namespace std {

template <typename T>
using lem_fragment_list = lem::fragment_list<T>;

template <typename T>
lem::fragment_place<T> distance(lem::fragment_iterator<T>, lem::fragment_iterator<T> place) {
    return { place.link };
}

template <typename T>
lem::fragment_iterator<T> next(lem::fragment_iterator<T>, lem::fragment_place<T> place) {
    return lem::fragment_iterator<T>(place.link);
}

}  // namespace std
